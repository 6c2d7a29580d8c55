namespace Blindspot.Analysis.Profiles;

/// <summary>All stacks of a profile as one tree: what a flame graph draws.</summary>
public sealed class ProfileTree
{
    /// <summary>Stands for a stack of which no frame is left.</summary>
    public const string NoFrames = "[no frames]";

    private ProfileTree(ProfileValueType value, bool isComparison, IReadOnlyList<ProfileTreeFrame> frames, IReadOnlyList<ProfileTreeNode> nodes)
    {
        Value = value;
        IsComparison = isComparison;
        Frames = frames;
        Nodes = nodes;
    }

    public ProfileValueType Value { get; }

    public bool IsComparison { get; }

    public IReadOnlyList<ProfileTreeFrame> Frames { get; }

    /// <summary>Each before those that it calls, and those with the largest cost first. There is no root of all.</summary>
    public IReadOnlyList<ProfileTreeNode> Nodes { get; }

    public static ProfileTree Of(Profile profile, int? value = null)
    {
        int index = value ?? profile.DefaultValue;
        var growing = new Growing();
        growing.Add(profile, index, 1, isOld: false);
        return new ProfileTree(profile.ValueTypes[index], false, growing.Frames, growing.Nodes());
    }

    public static ProfileTree Of(ProfileComparison comparison)
    {
        var growing = new Growing();
        growing.Add(comparison.New, comparison.NewValue, 1, isOld: false);
        growing.Add(comparison.Old, comparison.OldValue, comparison.OldScale, isOld: true);
        return new ProfileTree(comparison.New.ValueTypes[comparison.NewValue], true, growing.Frames, growing.Nodes());
    }

    private sealed class Node(int parent, int frame, int depth, long line)
    {
        public int Parent { get; } = parent;

        public int Frame { get; } = frame;

        public int Depth { get; } = depth;

        /// <summary>0 once two samples were at different lines.</summary>
        public long Line { get; set; } = line;

        public double Self { get; set; }

        public double Total { get; set; }

        public double OldSelf { get; set; }

        public double OldTotal { get; set; }
    }

    private sealed class Growing
    {
        private readonly Dictionary<ProfileTreeFrame, int> _frames = [];
        private readonly Dictionary<long, int> _children = [];
        private readonly List<Node> _nodes = [];

        public List<ProfileTreeFrame> Frames { get; } = [];

        public void Add(Profile profile, int value, double scale, bool isOld)
        {
            var table = new ProfileFrameTable(profile);
            var known = new Dictionary<ProfileFrame, int>(ReferenceEqualityComparer.Instance);
            var stack = new List<ProfileFrame>();
            foreach (ProfileSample sample in profile.Samples)
            {
                double cost = sample.Values[value] * scale;
                if (cost <= 0)
                {
                    // A flame graph has no boxes of negative width (a profile that is a difference already may have such costs).
                    continue;
                }

                table.Expand(sample, stack);
                int node = -1;
                for (int i = stack.Count - 1; i >= 0; i--)
                {
                    if (!known.TryGetValue(stack[i], out int frame))
                    {
                        frame = FrameOf(new ProfileTreeFrame(stack[i].Name, stack[i].ModuleName, stack[i].File, stack[i].Line?.StartLine ?? 0, stack[i].Language));
                        known.Add(stack[i], frame);
                    }

                    node = Descend(node, frame, stack[i].LineNumber, cost, isOld);
                }

                if (node < 0)
                {
                    node = Descend(-1, FrameOf(new ProfileTreeFrame(NoFrames, "", "", 0, "")), 0, cost, isOld);
                }

                _nodes[node].Self += isOld ? 0 : cost;
                _nodes[node].OldSelf += isOld ? cost : 0;
            }
        }

        public ProfileTreeNode[] Nodes()
        {
            // By parent, and in each the largest last, for a stack of what is still to be visited.
            int[] order = [.. Enumerable.Range(0, _nodes.Count)
                .OrderBy(index => _nodes[index].Parent)
                .ThenBy(index => Math.Max(_nodes[index].Total, _nodes[index].OldTotal))
                .ThenByDescending(index => Frames[_nodes[index].Frame].Name, StringComparer.Ordinal)];
            int[] first = new int[_nodes.Count + 2];
            foreach (int index in order)
            {
                first[_nodes[index].Parent + 2]++;
            }

            for (int i = 1; i < first.Length; i++)
            {
                first[i] += first[i - 1];
            }

            var sorted = new List<ProfileTreeNode>(_nodes.Count);
            var open = new Stack<int>();
            Push(-1);
            while (open.TryPop(out int index))
            {
                Node node = _nodes[index];
                sorted.Add(new ProfileTreeNode(node.Frame, node.Depth, node.Line, node.Self, node.Total, node.OldSelf, node.OldTotal));
                Push(index);
            }

            return [.. sorted];

            void Push(int parent)
            {
                for (int i = first[parent + 1]; i < first[parent + 2]; i++)
                {
                    open.Push(order[i]);
                }
            }
        }

        private int FrameOf(ProfileTreeFrame frame)
        {
            if (!_frames.TryGetValue(frame, out int index))
            {
                index = Frames.Count;
                Frames.Add(frame);
                _frames.Add(frame, index);
            }

            return index;
        }

        private int Descend(int parent, int frame, long line, double cost, bool isOld)
        {
            long key = ((long)(parent + 1) << 32) | (uint)frame;
            if (!_children.TryGetValue(key, out int index))
            {
                index = _nodes.Count;
                _nodes.Add(new Node(parent, frame, parent < 0 ? 0 : _nodes[parent].Depth + 1, line));
                _children.Add(key, index);
            }

            Node node = _nodes[index];
            if (node.Line != line)
            {
                node.Line = 0;
            }

            node.Total += isOld ? 0 : cost;
            node.OldTotal += isOld ? cost : 0;
            return index;
        }
    }
}

/// <param name="Module">The mapped file's name; "" where not known.</param>
/// <param name="File">The source file; "" where not known.</param>
/// <param name="StartLine">Where the function begins; 0 where not known.</param>
public readonly record struct ProfileTreeFrame(string Name, string Module, string File, long StartLine, string Language);

/// <param name="Frame">Index into the tree's frames.</param>
/// <param name="Depth">0 for what called everything else.</param>
/// <param name="Line">0 where not known, or where it was at several.</param>
/// <param name="Self">Cost of the stacks that end here.</param>
/// <param name="Total">That, and the cost of all that is called.</param>
public readonly record struct ProfileTreeNode(int Frame, int Depth, long Line, double Self, double Total, double OldSelf, double OldTotal);
