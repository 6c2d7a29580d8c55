namespace Blindspot.Primitives;

/// <summary>Collects gaps: each (stage, kind, message) once, and no more than a limit, so that a hostile target cannot flood a report. Thread-safe.</summary>
public sealed class GapLog(int limit = 200)
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string, string, string)> _seen = [];
    private readonly List<Gap> _gaps = [];
    private int _dropped;

    public void Add(string stage, string kind, string message, TargetAddress? address = null)
    {
        lock (_gate)
        {
            if (!_seen.Add((stage, kind, message)))
            {
                return;
            }

            if (_gaps.Count >= limit)
            {
                _seen.Remove((stage, kind, message));
                _dropped++;
                return;
            }

            _gaps.Add(new Gap(stage, kind, address, message));
        }
    }

    public IReadOnlyList<Gap> ToList()
    {
        lock (_gate)
        {
            return _dropped == 0
                ? [.. _gaps]
                : [.. _gaps, new Gap("analysis", "gaps-dropped", null, $"{_dropped} further gaps are not listed.")];
        }
    }
}
