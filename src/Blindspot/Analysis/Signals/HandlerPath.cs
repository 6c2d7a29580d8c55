using Blindspot.Primitives;

namespace Blindspot.Analysis.Signals;

/// <summary>One way through a handler's code, and how far it has come.</summary>
internal sealed class HandlerPath
{
    private readonly Dictionary<ulong, int> _visits = [];

    public HandlerPath(CodeInterpreter state, TargetAddress handler)
    {
        State = state;
        Ip = handler.Value;
        Calls.Push(handler);
    }

    private HandlerPath(HandlerPath other, ulong ip)
    {
        State = other.State.Clone();
        Ip = ip;
        Returns = new Stack<ulong>(other.Returns.Reverse());
        Calls = new Stack<TargetAddress>(other.Calls.Reverse());
        _visits = new Dictionary<ulong, int>(other._visits);
        Instructions = other.Instructions;
        HasUnknownCall = other.HasUnknownCall;
        Reinstalled = other.Reinstalled;
        HandedTo.AddRange(other.HandedTo);
    }

    public CodeInterpreter State { get; }

    public ulong Ip { get; set; }

    /// <summary>Where calls that were followed return to.</summary>
    public Stack<ulong> Returns { get; } = [];

    /// <summary>The functions that are being called, the innermost on top.</summary>
    public Stack<TargetAddress> Calls { get; } = [];

    public int Instructions { get; set; }

    /// <summary>It called something of which nothing is known.</summary>
    public bool HasUnknownCall { get; set; }

    /// <summary>The runtime's handler, which it has installed again.</summary>
    public TargetAddress Reinstalled { get; set; }

    public TargetAddress Reached { get; set; }

    public bool IsReinstalled { get; set; }

    /// <summary>Further handlers to which the signal was passed on, in order.</summary>
    public List<TargetAddress> HandedTo { get; } = [];

    public HandlerPath Fork(ulong ip) => new(this, ip);

    public int CountVisit(ulong ip) => _visits[ip] = _visits.GetValueOrDefault(ip) + 1;
}
