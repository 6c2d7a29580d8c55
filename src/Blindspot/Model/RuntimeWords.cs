namespace Blindspot.Model;

/// <summary>How people who write for a runtime call what is its own, for sentences.</summary>
/// <param name="Name">"Go", ".NET".</param>
/// <param name="Task">"goroutine"; ".NET thread".</param>
/// <param name="Subscription">How a program asks to be told of a signal: "signal.Notify".</param>
/// <param name="FaultError">What a bad memory access becomes: "panic".</param>
/// <param name="NoSignalStack">What the runtime does when its handler finds itself on no signal stack.</param>
public sealed record RuntimeWords(string Name, string Task, string Subscription, string FaultError, string NoSignalStack);
