namespace Blindspot.Unwind;

/// <summary>The frame of a function at one place of its code, as the code itself tells it.</summary>
/// <param name="FunctionStart">Where the function was taken to begin; zero if only the way to its return was followed.</param>
/// <param name="ReturnSlot">Address of the return address, by the registers at that place.</param>
/// <param name="Saved">Places of rbx, rbp, r12, r13, r14, r15 in that order.</param>
internal sealed record CodeFrameShape(ulong FunctionStart, CodeValue ReturnSlot, RegisterPlace[] Saved);
