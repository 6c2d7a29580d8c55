namespace Blindspot.Symbols.Demangling;

/// <summary>
/// Writes a parsed Itanium name as GNU's c++filt does (of binutils 2.40, with --no-verbose), or in the short form of
/// <see cref="Demangled.Short"/>.
/// </summary>
/// <remarks>
/// C++ writes declarators around what they declare: in "void (*f(int))(char)" the returned pointer's parts stand on
/// both sides. So whatever modifies a type (pointer, qualifier, array, function, also the declared name itself) is put
/// on a list on the way down, and the innermost type that has something to write on both sides writes the list in its
/// middle. What nobody has written on the way down is written on the way up.
/// <para>
/// Template parameters are resolved here, not in the parser, since a parameter may stand before the arguments that it
/// refers to. A scope is the template whose arguments count at a place; scopes are chained from the inside out.
/// </para>
/// </remarks>
internal sealed partial class ItaniumPrinter(NameTree tree, NameBuffer output)
{
    private const int MaxDepth = 768;
    private const int MaxSteps = 1 << 18;

    private struct Modifier
    {
        public int Node;
        public int Next;
        public int Scope;
        public bool IsPrinted;
    }

    private Modifier[] _modifierArena = new Modifier[64];
    private int _modifierCount;
    private int _modifiers;

    private (int Template, int Outer)[] _scopes = new (int, int)[64];
    private int _scopeCount;
    private int _scope;
    private int[] _scopeOfReference = [];

    private int _currentTemplate;
    private int _packIndex;
    private int _lambdaDepth;
    private int _lambdaHead;
    private int _depth;
    private int _stepsLeft;
    private bool _isShort;
    private int _templateDepthLeft;
    private int _functionTemplate;
    private bool _failed;

    /// <summary>Writes the whole name; false when it cannot be written (a parameter without arguments, too deep).</summary>
    public bool PrintFull(int root, int limit) => Start(root, limit, false, int.MaxValue);

    /// <summary>Writes the short name; template arguments nested deeper than <paramref name="templateDepth"/> become an ellipsis.</summary>
    public bool PrintShort(int root, int limit, int templateDepth) => Start(root, limit, true, templateDepth);

    private bool Start(int root, int limit, bool isShort, int templateDepth)
    {
        output.Start(limit);
        _modifierCount = 1;
        _modifiers = 0;
        _scopeCount = 1;
        _scope = 0;
        if (_scopeOfReference.Length < tree.Count)
        {
            _scopeOfReference = new int[Math.Max(tree.Count, 256) * 2];
        }
        else
        {
            Array.Fill(_scopeOfReference, 0, 0, tree.Count);
        }

        _currentTemplate = 0;
        _packIndex = 0;
        _lambdaDepth = 0;
        _lambdaHead = 0;
        _depth = 0;
        _stepsLeft = MaxSteps;
        _isShort = isShort;
        _templateDepthLeft = templateDepth;
        _functionTemplate = 0;
        _failed = false;
        Print(root);
        return !_failed;
    }

    private void Print(int node)
    {
        if (_failed || output.IsFull)
        {
            return;
        }

        if (node == 0 || _depth >= MaxDepth || --_stepsLeft < 0)
        {
            _failed = true;
            return;
        }

        _depth++;
        NodeKind kind = tree.Kind(node);
        if (kind <= NodeKind.Clone)
        {
            PrintName(kind, node);
        }
        else if (kind < NodeKind.Operator)
        {
            PrintType(kind, node);
        }
        else
        {
            PrintExpression(kind, node);
        }

        _depth--;
    }

    /// <summary>Prints what has no part in the declarator around it.</summary>
    private void PrintApart(int node)
    {
        int held = _modifiers;
        _modifiers = 0;
        Print(node);
        _modifiers = held;
    }

    private void PrintName(NodeKind kind, int node)
    {
        ref NameNode fields = ref tree[node];
        int a = fields.A;
        int b = fields.B;
        switch (kind)
        {
            case NodeKind.Name:
                output.Append(tree.Text(node));
                break;
            case NodeKind.StandardName:
                output.Append(StandardNames.Text(a));
                break;
            case NodeKind.AnonymousNamespace:
                output.Append("(anonymous namespace)");
                break;
            case NodeKind.QualifiedName:
                Print(a);
                if (!_isShort || !IsInlineNamespace(a, b))
                {
                    output.Append("::");
                    Print(b);
                }

                break;
            case NodeKind.LocalName:
                PrintLocalName(a, b);
                break;
            case NodeKind.TypedName:
                PrintTypedName(a, b);
                break;
            case NodeKind.Template:
                PrintTemplate(node, a, b);
                break;
            case NodeKind.TemplateParameter:
                PrintTemplateParameter(node);
                break;
            case NodeKind.FunctionParameter:
                if (a == 0)
                {
                    output.Append("this");
                }
                else
                {
                    AppendNumbered("{parm#", a, "}");
                }

                break;
            case NodeKind.Constructor:
            case NodeKind.InheritingConstructor:
                Print(a);
                break;
            case NodeKind.Destructor:
                output.Append('~');
                Print(a);
                break;
            case NodeKind.TaggedName:
                Print(a);
                if (!_isShort)
                {
                    output.Append("[abi:");
                    Print(b);
                    output.Append(']');
                }

                break;
            case NodeKind.Lambda:
                PrintLambda(a, b, fields.C);
                break;
            case NodeKind.UnnamedType:
                AppendNumbered("{unnamed type#", a, "}");
                break;
            case NodeKind.DefaultArgument:
                AppendNumbered("{default arg#", b, "}::");
                Print(a);
                break;
            case NodeKind.StringLiteral:
                output.Append("string literal");
                break;
            case NodeKind.StructuredBinding:
                output.Append('[');
                PrintList(a);
                output.Append(']');
                break;
            case NodeKind.ModuleName:
                PrintModule(a, b, fields.C != 0);
                break;
            case NodeKind.ModuleEntity:
                Print(a);
                output.Append('@');
                Print(b);
                break;
            case NodeKind.FriendName:
                Print(a);
                output.Append("[friend]");
                break;
            case NodeKind.SpecialName:
                output.Append(SpecialPrefixes.Text(b));
                PrintApart(a);
                break;
            case NodeKind.ConstructionVtable:
                output.Append("construction vtable for ");
                PrintApart(a);
                output.Append("-in-");
                PrintApart(b);
                break;
            case NodeKind.ReferenceTemporary:
                AppendNumbered("reference temporary #", b, " for ");
                Print(a);
                break;
            case NodeKind.Clone:
                PrintClone(a, tree.Symbol.AsSpan(b, fields.C));
                break;
            default:
                _failed = true;
                break;
        }
    }

    private void PrintModule(int parent, int name, bool isPartition)
    {
        if (parent != 0)
        {
            Print(parent);
        }

        if (isPartition)
        {
            output.Append(':');
        }
        else if (parent != 0)
        {
            output.Append('.');
        }

        Print(name);
    }

    private void PrintClone(int encoding, ReadOnlySpan<char> suffix)
    {
        Print(encoding);

        // Of the copies only the cold part tells a reader something: the others are the function itself.
        if (!_isShort || suffix.StartsWith(".cold", StringComparison.Ordinal))
        {
            output.Append(" [clone ");
            output.Append(suffix);
            output.Append(']');
        }
    }

    private void PrintLocalName(int function, int entity)
    {
        PrintApart(function);
        output.Append("::");
        if (_isShort)
        {
            entity = WithoutFunctionQualifiers(entity);
        }

        Print(entity);
    }

    private void PrintLambda(int parameters, int number, int head)
    {
        if (_isShort)
        {
            AppendNumbered("{lambda#", number, "}");
            return;
        }

        // Inside, a template parameter is one of the lambda's own: "auto", or of its head.
        int held = _modifiers;
        int outerHead = _lambdaHead;
        _modifiers = 0;
        _lambdaHead = head;
        _lambdaDepth++;
        output.Append("{lambda");
        if (head != 0)
        {
            Print(head);
        }

        output.Append('(');
        PrintList(parameters);
        AppendNumbered(")#", number, "}");
        _lambdaDepth--;
        _lambdaHead = outerHead;
        _modifiers = held;
    }

    /// <summary>
    /// The declared name is handed down as the first modifier of its type. Qualifiers of the name qualify "this" and
    /// go behind the parameters; those of a member of a local class stand inside the local name.
    /// </summary>
    private void PrintTypedName(int name, int type)
    {
        if (_isShort)
        {
            PrintShortFunction(WithoutFunctionQualifiers(name));
            return;
        }

        int heldModifiers = _modifiers;
        int heldCount = _modifierCount;
        int heldScope = _scope;
        _modifiers = 0;
        while (tree.IsFunctionQualifier(name))
        {
            PushModifier(name);
            name = tree[name].A;
        }

        int declared = name;
        if (tree.Kind(name) == NodeKind.LocalName)
        {
            declared = tree[name].B;
            if (tree.Kind(declared) == NodeKind.DefaultArgument)
            {
                declared = tree[declared].A;
            }

            while (tree.IsFunctionQualifier(declared))
            {
                PushModifier(declared);
                declared = tree[declared].A;
            }
        }

        PushModifier(name);
        if (tree.Kind(declared) == NodeKind.Template)
        {
            PushScope(declared);
        }

        Print(type);
        _scope = heldScope;
        for (int at = _modifiers; at != 0; at = _modifierArena[at].Next)
        {
            if (!_modifierArena[at].IsPrinted)
            {
                output.Append(' ');
                PrintModifier(_modifierArena[at].Node);
            }
        }

        _modifiers = heldModifiers;
        _modifierCount = heldCount;
    }

    private int WithoutFunctionQualifiers(int name)
    {
        while (tree.IsFunctionQualifier(name))
        {
            name = tree[name].A;
        }

        return name;
    }

    private void PushModifier(int node)
    {
        if (_modifierCount == _modifierArena.Length)
        {
            Array.Resize(ref _modifierArena, _modifierArena.Length * 2);
        }

        _modifierArena[_modifierCount] = new Modifier { Node = node, Next = _modifiers, Scope = _scope };
        _modifiers = _modifierCount++;
    }

    private void PushScope(int template)
    {
        if (_scopeCount == _scopes.Length)
        {
            Array.Resize(ref _scopes, _scopes.Length * 2);
        }

        _scopes[_scopeCount] = (template, _scope);
        _scope = _scopeCount++;
    }

    private void AppendNumbered(string before, int number, string after)
    {
        output.Append(before);
        output.Append(number);
        output.Append(after);
    }
}
