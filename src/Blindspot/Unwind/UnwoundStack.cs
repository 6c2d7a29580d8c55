using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>The result of one walk; cleared and used again for the next, so that walking allocates nothing.</summary>
public sealed class UnwoundStack
{
    /// <summary>Leaf first.</summary>
    public List<UnwoundFrame> Frames { get; } = new(64);

    public StackEnd End { get; set; }

    /// <summary>Where it could not go on; zero when complete.</summary>
    public TargetAddress EndAddress { get; set; }

    /// <summary>Values that two sources told differently.</summary>
    public int Disagreements { get; set; }

    public void Clear()
    {
        Frames.Clear();
        End = StackEnd.Complete;
        EndAddress = TargetAddress.Zero;
        Disagreements = 0;
    }
}
