namespace Blindspot.Symbols.Demangling;

/// <summary>One node; its fields are told by <see cref="NodeKind"/>.</summary>
internal struct NameNode
{
    public NodeKind Kind;
    public int A;
    public int B;
    public int C;
    public int D;
}

/// <summary>
/// The parsed form of an Itanium name: nodes in one array that is used again for the next symbol. A node may have many
/// parents (substitutions), so it is a graph without cycles.
/// </summary>
internal sealed class NameTree
{
    private NameNode[] _nodes = new NameNode[256];

    /// <summary>The symbol that <see cref="NodeKind.Name"/> points into.</summary>
    public string Symbol { get; private set; } = "";

    /// <summary>Nodes so far, the unused node 0 counted.</summary>
    public int Count { get; private set; } = 1;

    public ref NameNode this[int node] => ref _nodes[node];

    public void Start(string symbol)
    {
        Symbol = symbol;
        Count = 1;
    }

    public int Add(NodeKind kind, int a = 0, int b = 0, int c = 0, int d = 0)
    {
        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, _nodes.Length * 2);
        }

        _nodes[Count] = new NameNode { Kind = kind, A = a, B = b, C = c, D = d };
        return Count++;
    }

    public NodeKind Kind(int node) => _nodes[node].Kind;

    public ReadOnlySpan<char> Text(int name) => Symbol.AsSpan(_nodes[name].A, _nodes[name].B);

    /// <summary>True for the qualifiers of a member function: they belong behind the parameter list.</summary>
    public bool IsFunctionQualifier(int node) => Kind(node) is NodeKind.RestrictThis or NodeKind.VolatileThis or NodeKind.ConstThis
        or NodeKind.ReferenceThis or NodeKind.RvalueReferenceThis or NodeKind.ExplicitObject or NodeKind.TransactionSafe
        or NodeKind.Noexcept or NodeKind.ThrowSpecification;

    /// <summary>The item of a list of template arguments, or 0.</summary>
    public int TemplateArgument(int list, int index)
    {
        for (; list != 0 && Kind(list) == NodeKind.TemplateArguments; list = _nodes[list].B)
        {
            if (index-- == 0)
            {
                return _nodes[list].A;
            }
        }

        return 0;
    }

    public int TemplateArgumentCount(int list)
    {
        int count = 0;
        for (; list != 0 && Kind(list) == NodeKind.TemplateArguments && _nodes[list].A != 0; list = _nodes[list].B)
        {
            count++;
        }

        return count;
    }
}
