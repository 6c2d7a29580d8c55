namespace Blindspot.Symbols.Demangling;

/// <summary>
/// Parses a name mangled by the Itanium C++ ABI (section 5.1) into a <see cref="NameTree"/>. Every production returns
/// its node, or 0 when the symbol does not follow the grammar. Depth and work are bounded: the only place that reads
/// twice (template arguments behind a conversion operator) could otherwise be nested to exponential cost.
/// </summary>
internal sealed partial class ItaniumParser(NameTree tree)
{
    private const int MaxDepth = 384;
    private const int MaxLength = 1 << 20;

    private readonly List<int> _substitutions = [];
    private string _symbol = "";
    private int _at;
    private int _end;
    private int _depth;
    private int _stepsLeft;
    private int _lastName;
    private bool _inConversion;
    private bool _inExpression;

    /// <summary>Parses the characters [start, end) of a symbol, which begin with "_Z"; returns the root or 0.</summary>
    public int Parse(string symbol, int start, int end)
    {
        if (end - start > MaxLength)
        {
            return 0;
        }

        tree.Start(symbol);
        _substitutions.Clear();
        _symbol = symbol;
        _at = start;
        _end = end;
        _depth = 0;
        _stepsLeft = 4096 + (64 * (end - start));
        _lastName = 0;
        _inConversion = false;
        _inExpression = false;

        int root = ParseMangledName(true);
        while (root != 0 && _at < _end)
        {
            root = ParseCloneSuffix(root);
        }

        return root;
    }

    private int ParseMangledName(bool isTop) => Take('_') && Take('Z') ? ParseEncoding(isTop) : 0;

    /// <summary>&lt;encoding&gt; ::= &lt;function name&gt; &lt;bare-function-type&gt; [Q &lt;constraint&gt;] | &lt;data name&gt; | &lt;special-name&gt;.</summary>
    private int ParseEncoding(bool isTop)
    {
        if (!Enter())
        {
            return 0;
        }

        bool inExpression = _inExpression;
        _inExpression = false;
        int encoding = Peek() is 'G' or 'T' ? ParseSpecialName() : ParseFunctionOrData(isTop);
        _inExpression = inExpression;
        Leave();
        return encoding;
    }

    private int ParseFunctionOrData(bool isTop)
    {
        int name = ParseName();
        if (name == 0 || Peek() is '\0' or 'E' or '.')
        {
            return name;
        }

        int type = ParseBareFunctionType(HasReturnType(name));
        if (type == 0)
        {
            return 0;
        }

        // What is nested in a local entity would be confused by its function's return type.
        if (!isTop && tree.Kind(name) == NodeKind.LocalName)
        {
            tree[type].A = 0;
        }

        int function = tree.Add(NodeKind.TypedName, name, type);
        return Peek() == 'Q' ? ParseConstraint(function) : function;
    }

    private int ParseConstraint(int subject)
    {
        _at++;
        int condition = ParseExpression();
        return condition == 0 ? 0 : tree.Add(NodeKind.Constraint, subject, condition);
    }

    /// <summary>Compilers and linkers append ".part.0", ".cold", ".llvm.123" to the copies they make of a function.</summary>
    private int ParseCloneSuffix(int root)
    {
        int start = _at;
        if (_symbol[_at] != '.')
        {
            return 0;
        }

        int at = _at + 1;
        if (at < _end && (char.IsAsciiLetterLower(_symbol[at]) || _symbol[at] == '_' || char.IsAsciiDigit(_symbol[at])))
        {
            while (at < _end && (char.IsAsciiLetterLower(_symbol[at]) || _symbol[at] == '_' || char.IsAsciiDigit(_symbol[at])))
            {
                at++;
            }
        }
        else
        {
            return 0;
        }

        while (at + 1 < _end && _symbol[at] == '.' && char.IsAsciiDigit(_symbol[at + 1]))
        {
            at += 2;
            while (at < _end && char.IsAsciiDigit(_symbol[at]))
            {
                at++;
            }
        }

        _at = at;
        return tree.Add(NodeKind.Clone, root, start, at - start);
    }

    /// <summary>Only templates carry their return type, and of them not constructors, destructors and conversions (5.1.5.3).</summary>
    private bool HasReturnType(int name)
    {
        while (true)
        {
            switch (tree.Kind(name))
            {
                case NodeKind.LocalName:
                    name = tree[name].B;
                    continue;
                case NodeKind.ModuleEntity:
                case NodeKind.FriendName:
                    name = tree[name].A;
                    continue;
                case NodeKind.Template:
                    return !IsConstructorDestructorOrConversion(tree[name].A);
                default:
                    if (tree.IsFunctionQualifier(name))
                    {
                        name = tree[name].A;
                        continue;
                    }

                    return false;
            }
        }
    }

    private bool IsConstructorDestructorOrConversion(int name)
    {
        while (true)
        {
            switch (tree.Kind(name))
            {
                case NodeKind.QualifiedName:
                case NodeKind.LocalName:
                    name = tree[name].B;
                    continue;
                case NodeKind.TaggedName:
                case NodeKind.ModuleEntity:
                case NodeKind.FriendName:
                    name = tree[name].A;
                    continue;
                case NodeKind.Constructor:
                case NodeKind.Destructor:
                case NodeKind.Conversion:
                    return true;
                default:
                    return false;
            }
        }
    }

    private bool Enter()
    {
        if (_depth >= MaxDepth || --_stepsLeft < 0)
        {
            return false;
        }

        _depth++;
        return true;
    }

    private void Leave() => _depth--;

    private char Peek() => _at < _end ? _symbol[_at] : '\0';

    private char PeekNext() => _at + 1 < _end ? _symbol[_at + 1] : '\0';

    private bool Take(char expected)
    {
        if (_at < _end && _symbol[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private bool Take(char first, char second)
    {
        if (Peek() == first && PeekNext() == second)
        {
            _at += 2;
            return true;
        }

        return false;
    }

    private int Add(NodeKind kind, int a, int b) => a == 0 || b == 0 ? 0 : tree.Add(kind, a, b);

    private int Add(NodeKind kind, int a) => a == 0 ? 0 : tree.Add(kind, a);

    private int Remember(int node)
    {
        if (node != 0)
        {
            _substitutions.Add(node);
        }

        return node;
    }

    /// <summary>A decimal number of at least one digit, or -1.</summary>
    private int ParseNumber()
    {
        int start = _at;
        long value = 0;
        while (char.IsAsciiDigit(Peek()))
        {
            value = (value * 10) + (_symbol[_at++] - '0');
            if (value > int.MaxValue)
            {
                return -1;
            }
        }

        return _at == start ? -1 : (int)value;
    }

    /// <summary>"_" is 0, "n_" is n+1; -1 when malformed.</summary>
    private int ParseCompactNumber()
    {
        if (Take('_'))
        {
            return 0;
        }

        int number = ParseNumber();
        return number is < 0 or int.MaxValue || !Take('_') ? -1 : number + 1;
    }
}
