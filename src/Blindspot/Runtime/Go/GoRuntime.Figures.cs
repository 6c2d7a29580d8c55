using Blindspot.Model;

namespace Blindspot.Runtime.Go;

/// <summary>What is read of the runtime when it is asked for, once.</summary>
public sealed partial class GoRuntime
{
    private readonly Opening _opening;
    private (RuntimeMemory? Value, bool IsRead) _ownMemory;
    private (bool? Value, bool IsRead) _asyncPreemptionIsOff;
    private IReadOnlyList<RuntimeSignals>? _signals;

    public RuntimeMemory? OwnMemory
    {
        get
        {
            if (!_ownMemory.IsRead)
            {
                _ownMemory = (ReadStructure(ReadOwnMemory), true);
            }

            return _ownMemory.Value;
        }
    }

    /// <summary>
    /// GODEBUG=asyncpreemptoff=1 is in force: a loop without calls then holds up all that stops the world. Null, with a gap,
    /// where it could not be read.
    /// </summary>
    public bool? AsyncPreemptionIsOff
    {
        get
        {
            if (!_asyncPreemptionIsOff.IsRead)
            {
                _asyncPreemptionIsOff = (ReadStructure(() => GoPreemptionSwitch.IsOff(_modules[0], Memory, _opening.Gaps)), true);
            }

            return _asyncPreemptionIsOff.Value;
        }
    }

    public IReadOnlyList<RuntimeSignals> Signals =>
        _signals ??= ReadStructure(() => new GoSignalsReader(_modules[0], Memory, _opening.Gaps).Read()) is { } signals
            ? [signals with { PreemptionIsOff = AsyncPreemptionIsOff }]
            : [];

    private RuntimeMemory? ReadOwnMemory()
    {
        if (Layout is null)
        {
            _opening.Gaps.Add("runtime", "runtime-memory-unknown", $"Where the Go runtime of {_modules[0].Module.Path} keeps count of its memory is not known for this version.");
            return null;
        }

        return new GoMemoryReader(_modules[0], Memory, Layout, _opening.Gaps).Read();
    }

    /// <summary>Where a snapshot without contents is being made, these numbers must not be taken for contents, and zeroed.</summary>
    private T ReadStructure<T>(Func<T> read)
    {
        if (_opening.Log is not { } log)
        {
            return read();
        }

        bool before = log.IsReadingStructure;
        log.IsReadingStructure = true;
        try
        {
            return read();
        }
        finally
        {
            log.IsReadingStructure = before;
        }
    }
}
