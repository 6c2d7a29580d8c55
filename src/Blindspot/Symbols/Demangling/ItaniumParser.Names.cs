namespace Blindspot.Symbols.Demangling;

/// <content>&lt;name&gt;, &lt;nested-name&gt;, &lt;unqualified-name&gt;: 5.1.2 and 5.1.3.</content>
internal sealed partial class ItaniumParser
{
    private int ParseName()
    {
        if (!Enter())
        {
            return 0;
        }

        int name = Peek() switch
        {
            'N' => ParseNestedName(),
            'Z' => ParseLocalName(),
            'S' => ParseNameFromSubstitution(),
            _ => ParseUnscopedName(),
        };
        Leave();
        return name;
    }

    private int ParseUnscopedName()
    {
        int name = ParseUnqualifiedName(0, 0);
        if (name == 0 || Peek() != 'I')
        {
            return name;
        }

        Remember(name);
        return Add(NodeKind.Template, name, ParseTemplateArguments());
    }

    private int ParseNameFromSubstitution()
    {
        int name;
        bool isNew = true;
        if (Take('S', 't'))
        {
            name = ParseUnqualifiedName(tree.Add(NodeKind.StandardName, StandardNames.Std), 0);
        }
        else
        {
            name = ParseSubstitution(false);
            if (name != 0 && tree.Kind(name) == NodeKind.ModuleName)
            {
                name = ParseUnqualifiedName(0, name);
            }
            else
            {
                isNew = false;
            }
        }

        if (name == 0 || Peek() != 'I')
        {
            return name;
        }

        if (isNew)
        {
            Remember(name);
        }

        return Add(NodeKind.Template, name, ParseTemplateArguments());
    }

    /// <summary>N [H] [CV-qualifiers] [ref-qualifier] prefix E.</summary>
    private int ParseNestedName()
    {
        _at++;
        if (Take('H'))
        {
            int name = ParsePrefix();
            return Take('E') ? Add(NodeKind.ExplicitObject, name) : 0;
        }

        if (!ParseQualifiers(true, out int outer, out int inner))
        {
            return 0;
        }

        NodeKind reference = TakeReferenceQualifier();
        int prefix = ParsePrefix();
        if (prefix == 0 || !Take('E'))
        {
            return 0;
        }

        if (inner != 0)
        {
            tree[inner].A = prefix;
            prefix = outer;
        }

        return reference == NodeKind.None ? prefix : tree.Add(reference, prefix);
    }

    private NodeKind TakeReferenceQualifier() =>
        Take('R') ? NodeKind.ReferenceThis : Take('O') ? NodeKind.RvalueReferenceThis : NodeKind.None;

    /// <summary>The parts of a nested name; each longer prefix but the whole is a candidate for substitution.</summary>
    private int ParsePrefix()
    {
        int name = 0;
        while (true)
        {
            char next = Peek();
            bool isSubstitution = false;
            int longer;
            switch (next)
            {
                case '\0':
                    return 0;
                case 'E':
                    return name;
                case 'M':
                    // The initializer of a data member; what follows is named after the member alone.
                    if (name == 0)
                    {
                        return 0;
                    }

                    _at++;
                    continue;
                case 'I':
                    longer = name == 0 ? 0 : Add(NodeKind.Template, name, ParseTemplateArguments());
                    break;
                case 'T' when name == 0:
                    longer = ParseTemplateParameter();
                    break;
                case 'D' when PeekNext() is 'T' or 't':
                    longer = Join(name, ParseType());
                    break;
                case 'S':
                    longer = ParseSubstitution(true);
                    isSubstitution = true;
                    if (longer != 0 && tree.Kind(longer) == NodeKind.ModuleName)
                    {
                        longer = ParseUnqualifiedName(name, longer);
                        isSubstitution = false;
                    }
                    else
                    {
                        longer = Join(name, longer);
                    }

                    break;
                default:
                    longer = ParseUnqualifiedName(name, 0);
                    break;
            }

            if (longer == 0 || --_stepsLeft < 0)
            {
                return 0;
            }

            name = longer;
            if (!isSubstitution && Peek() != 'E')
            {
                Remember(name);
            }
        }
    }

    private int Join(int scope, int name) => scope == 0 ? name : Add(NodeKind.QualifiedName, scope, name);

    private int ParseUnqualifiedName(int scope, int module)
    {
        if (!ParseModuleName(ref module))
        {
            return 0;
        }

        bool isFriend = Take('F');
        char next = Peek();
        int name;
        if (char.IsAsciiDigit(next))
        {
            name = ParseSourceName();
        }
        else if (char.IsAsciiLetterLower(next))
        {
            Take('o', 'n');
            name = ParseOperatorName();
        }
        else if (next == 'D' && PeekNext() == 'C')
        {
            name = ParseStructuredBinding();
        }
        else if (next is 'C' or 'D')
        {
            name = ParseConstructorOrDestructor();
        }
        else if (Take('L'))
        {
            name = ParseSourceName();
            if (name != 0 && !SkipDiscriminator())
            {
                return 0;
            }
        }
        else if (Take('U', 'l'))
        {
            name = ParseLambda();
        }
        else if (Take('U', 't'))
        {
            int number = ParseCompactNumber();
            name = number < 0 ? 0 : Remember(tree.Add(NodeKind.UnnamedType, number + 1));
        }
        else
        {
            return 0;
        }

        if (module != 0)
        {
            name = Add(NodeKind.ModuleEntity, name, module);
        }

        if (name != 0 && Peek() == 'B')
        {
            name = ParseTags(name);
        }

        if (isFriend)
        {
            name = Add(NodeKind.FriendName, name);
        }

        return Join(scope, name);
    }

    /// <summary>W [P] source-name …: the module that a name is attached to.</summary>
    private bool ParseModuleName(ref int module)
    {
        while (Take('W'))
        {
            int isPartition = Take('P') ? 1 : 0;
            int part = ParseSourceName();
            if (part == 0)
            {
                return false;
            }

            module = Remember(tree.Add(NodeKind.ModuleName, module, part, isPartition));
        }

        return true;
    }

    private int ParseTags(int name)
    {
        int lastName = _lastName;
        while (name != 0 && Take('B'))
        {
            name = Add(NodeKind.TaggedName, name, ParseSourceName());
        }

        _lastName = lastName;
        return name;
    }

    private int ParseSourceName()
    {
        int length = ParseNumber();
        if (length <= 0 || length > _end - _at)
        {
            return 0;
        }

        ReadOnlySpan<char> text = _symbol.AsSpan(_at, length);

        // GCC names an anonymous namespace _GLOBAL__N_ and more; the mark in the middle differs by assembler.
        bool isAnonymous = text.Length >= 10 && text.StartsWith("_GLOBAL_", StringComparison.Ordinal)
            && text[8] is '.' or '_' or '$' && text[9] == 'N';
        int name = isAnonymous ? tree.Add(NodeKind.AnonymousNamespace) : tree.Add(NodeKind.Name, _at, length);
        _at += length;
        _lastName = name;
        return name;
    }

    private int ParseOperatorName()
    {
        char first = Peek();
        char second = PeekNext();
        if (first == '\0' || second == '\0')
        {
            return 0;
        }

        _at += 2;
        if (first == 'v' && char.IsAsciiDigit(second))
        {
            int name = ParseSourceName();
            return name == 0 ? 0 : tree.Add(NodeKind.VendorOperator, second - '0', name);
        }

        if (first == 'l' && second == 'i')
        {
            return Add(NodeKind.LiteralOperator, ParseSourceName());
        }

        if (first == 'c' && second == 'v')
        {
            bool wasInConversion = _inConversion;
            _inConversion = !_inExpression;
            int type = ParseType();
            int name = Add(_inConversion ? NodeKind.Conversion : NodeKind.Cast, type);
            _inConversion = wasInConversion;
            return name;
        }

        int index = OperatorTable.Find(first, second);
        return index < 0 ? 0 : tree.Add(NodeKind.Operator, index);
    }

    private int ParseConstructorOrDestructor()
    {
        bool isConstructor = Peek() == 'C';
        _at++;
        bool inherits = isConstructor && Take('I');
        char variant = Peek();
        if (isConstructor ? variant is < '1' or > '5' : variant is < '0' or > '5' or '3')
        {
            return 0;
        }

        _at++;
        if (inherits && ParseType() == 0)
        {
            return 0;
        }

        return Add(isConstructor ? NodeKind.Constructor : NodeKind.Destructor, _lastName);
    }

    private int ParseStructuredBinding()
    {
        _at += 2;
        int first = 0;
        int last = 0;
        while (!Take('E'))
        {
            int name = ParseSourceName();
            if (name == 0)
            {
                return 0;
            }

            Append(NodeKind.ArgumentList, name, ref first, ref last);
        }

        return Add(NodeKind.StructuredBinding, first);
    }

    /// <summary>[template-param-decl…] parameter types E [number] _, behind "Ul".</summary>
    private int ParseLambda()
    {
        int head = 0;
        if (Peek() == 'T' && PeekNext() is 'y' or 'p' or 't' or 'k' or 'n')
        {
            head = ParseTemplateHead();
            if (head == 0)
            {
                return 0;
            }
        }

        int parameters = ParseTypeList();
        if (parameters == 0)
        {
            return 0;
        }

        if (Take('Q') && ParseExpression() == 0)
        {
            return 0;
        }

        if (!Take('E'))
        {
            return 0;
        }

        int number = ParseCompactNumber();
        return number < 0 ? 0 : tree.Add(NodeKind.Lambda, parameters, number + 1, head);
    }

    private void Append(NodeKind kind, int item, ref int first, ref int last)
    {
        int link = tree.Add(kind, item);
        if (first == 0)
        {
            first = link;
        }
        else
        {
            tree[last].B = link;
        }

        last = link;
    }
}
