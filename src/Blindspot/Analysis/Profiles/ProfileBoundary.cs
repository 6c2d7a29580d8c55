using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Where Go calls C: the Go function that does (not the wrapper that cgo wrote for it) and the C function that is entered.
/// A profile that has no C frames names it by the wrapper.
/// </summary>
/// <param name="Caller">Index of the caller in the stack.</param>
/// <param name="Entry">Index of the function that is entered; that of the wrapper where no C frame is known.</param>
/// <param name="EntryName">What is entered.</param>
public readonly record struct ProfileBoundary(int Caller, int Entry, string EntryName)
{
    /// <summary>Every crossing of a stack, the one next to the leaf first.</summary>
    /// <param name="stack">Leaf first.</param>
    /// <param name="crossings">Is cleared and filled.</param>
    public static void Find(IReadOnlyList<ProfileFrame> stack, List<ProfileBoundary> crossings)
    {
        crossings.Clear();
        int callee = -1;
        int wrapper = -1;
        for (int i = 0; i < stack.Count; i++)
        {
            ProfileFrame frame = stack[i];
            if (frame.IsPlumbing)
            {
                wrapper = frame.WrappedFunction is not null && wrapper < 0 ? i : wrapper;
                continue;
            }

            if (frame.Language == FrameLanguage.Go)
            {
                if (callee >= 0 && FrameLanguage.IsNative(stack[callee].Language))
                {
                    crossings.Add(new ProfileBoundary(i, callee, stack[callee].Name));
                }
                else if (wrapper >= 0)
                {
                    crossings.Add(new ProfileBoundary(i, wrapper, stack[wrapper].WrappedFunction!));
                }
            }

            if (frame.Language != FrameLanguage.Kernel)
            {
                callee = i;
            }

            wrapper = -1;
        }
    }

    /// <summary>Stacks of callers and entries alone; samples that cross nowhere are dropped.</summary>
    public static Profile Reduce(Profile profile)
    {
        var frames = new ProfileFrameTable(profile);
        var locations = new List<ProfileLocation>();
        var known = new Dictionary<ProfileFrame, int>(ReferenceEqualityComparer.Instance);
        var samples = new List<ProfileSample>();
        var stack = new List<ProfileFrame>();
        var crossings = new List<ProfileBoundary>();
        foreach (ProfileSample sample in profile.Samples)
        {
            frames.Expand(sample, stack);
            Find(stack, crossings);
            if (crossings.Count == 0)
            {
                continue;
            }

            var indexes = new List<int>(2 * crossings.Count);
            foreach (ProfileBoundary crossing in crossings)
            {
                indexes.Add(IndexOf(stack[crossing.Entry]));
                indexes.Add(IndexOf(stack[crossing.Caller]));
            }

            samples.Add(sample with { Locations = indexes });
        }

        return profile with { Locations = locations, Samples = samples };

        int IndexOf(ProfileFrame frame)
        {
            if (!known.TryGetValue(frame, out int index))
            {
                index = locations.Count;
                known.Add(frame, index);
                locations.Add(new ProfileLocation(frame.Line is null ? frame.Address : TargetAddress.Zero, frame.Mapping, frame.Line is { } line ? [line] : []));
            }

            return index;
        }
    }
}
