namespace Blindspot.Symbols.Demangling;

/// <content>&lt;type&gt;, 5.1.5.</content>
internal sealed partial class ItaniumParser
{
    private int ParseType()
    {
        if (!Enter())
        {
            return 0;
        }

        int type = IsQualifierNext() ? ParseQualifiedType() : ParseUnqualifiedType();
        Leave();
        return type;
    }

    private bool IsQualifierNext() =>
        Peek() is 'r' or 'V' or 'K' || (Peek() == 'D' && PeekNext() is 'x' or 'o' or 'O' or 'w');

    private int ParseQualifiedType()
    {
        if (!ParseQualifiers(false, out int outer, out int inner))
        {
            return 0;
        }

        int type = Peek() == 'F' ? ParseFunctionType() : ParseType();
        if (type == 0)
        {
            return 0;
        }

        // The ref-qualifier is written behind the CV-qualifiers, so it must be outside them.
        if (tree.Kind(type) is NodeKind.ReferenceThis or NodeKind.RvalueReferenceThis)
        {
            tree[inner].A = tree[type].A;
            tree[type].A = outer;
            return Remember(type);
        }

        tree[inner].A = type;
        return Remember(outer);
    }

    /// <summary>
    /// A chain of qualifiers whose innermost still lacks what it qualifies; none at all is fine. Those of a member
    /// function and of a function type qualify "this".
    /// </summary>
    private bool ParseQualifiers(bool isMemberFunction, out int outer, out int inner)
    {
        outer = 0;
        inner = 0;
        while (IsQualifierNext())
        {
            char letter = Peek();
            _at++;
            int link;
            if (letter == 'D')
            {
                link = ParseFunctionQualifier();
                if (link == 0)
                {
                    return false;
                }
            }
            else
            {
                link = tree.Add(letter switch { 'r' => NodeKind.Restrict, 'V' => NodeKind.Volatile, _ => NodeKind.Const });
            }

            if (outer == 0)
            {
                outer = link;
            }
            else
            {
                tree[inner].A = link;
            }

            inner = link;
        }

        if (outer != 0 && (isMemberFunction || Peek() == 'F'))
        {
            for (int link = outer; link != 0; link = tree[link].A)
            {
                tree[link].Kind = tree[link].Kind switch
                {
                    NodeKind.Restrict => NodeKind.RestrictThis,
                    NodeKind.Volatile => NodeKind.VolatileThis,
                    NodeKind.Const => NodeKind.ConstThis,
                    var other => other,
                };
            }
        }

        return true;
    }

    /// <summary>Behind 'D': x (transaction-safe), o, O expression E (noexcept), w types E (throw).</summary>
    private int ParseFunctionQualifier()
    {
        char letter = Peek();
        _at++;
        switch (letter)
        {
            case 'x':
                return tree.Add(NodeKind.TransactionSafe);
            case 'o':
                return tree.Add(NodeKind.Noexcept);
            case 'O':
                int condition = ParseExpression();
                return condition != 0 && Take('E') ? tree.Add(NodeKind.Noexcept, 0, condition) : 0;
            default:
                int types = ParseTypeList();
                return types != 0 && Take('E') ? tree.Add(NodeKind.ThrowSpecification, 0, types) : 0;
        }
    }

    private int ParseUnqualifiedType()
    {
        char first = Peek();
        int builtin = BuiltinTypes.OfLetter(first);
        if (builtin >= 0)
        {
            _at++;
            return tree.Add(NodeKind.BuiltinType, builtin);
        }

        switch (first)
        {
            case 'u':
                return ParseVendorType();
            case 'F':
                return Remember(ParseFunctionType());
            case >= '0' and <= '9' or 'N' or 'Z' or 'W':
                return Remember(ParseName());
            case 'A':
                return Remember(ParseArrayType());
            case 'M':
                _at++;
                int owner = ParseType();
                return Remember(owner == 0 ? 0 : Add(NodeKind.PointerToMember, owner, ParseType()));
            case 'T':
                return ParseTypeBehindT();
            case 'S':
                return ParseTypeFromSubstitution();
            case 'O':
                return ParseIndirect(NodeKind.RvalueReference);
            case 'P':
                return ParseIndirect(NodeKind.Pointer);
            case 'R':
                return ParseIndirect(NodeKind.Reference);
            case 'C':
                return ParseIndirect(NodeKind.Complex);
            case 'G':
                return ParseIndirect(NodeKind.Imaginary);
            case 'U':
                return ParseVendorQualified();
            case 'D':
                return ParseTypeBehindD();
            default:
                return 0;
        }
    }

    private int ParseIndirect(NodeKind kind)
    {
        _at++;
        return Remember(Add(kind, ParseType()));
    }

    private int ParseVendorType()
    {
        _at++;
        int name = ParseSourceName();
        int arguments = 0;
        if (name != 0 && Peek() == 'I')
        {
            arguments = ParseTemplateArguments();
            if (arguments == 0)
            {
                return 0;
            }
        }

        return Remember(name == 0 ? 0 : tree.Add(NodeKind.VendorType, name, arguments));
    }

    private int ParseVendorQualified()
    {
        if (PeekNext() is 'l' or 't')
        {
            return Remember(ParseName());
        }

        _at++;
        int qualifier = ParseSourceName();
        if (qualifier != 0 && Peek() == 'I')
        {
            qualifier = Add(NodeKind.Template, qualifier, ParseTemplateArguments());
        }

        return Remember(qualifier == 0 ? 0 : Add(NodeKind.VendorQualifier, ParseType(), qualifier));
    }

    /// <summary>T_ with its own arguments if it is a template template parameter, or Ts, Tu, Te: an elaborated name.</summary>
    private int ParseTypeBehindT()
    {
        if (PeekNext() is 's' or 'u' or 'e')
        {
            char keyword = PeekNext();
            _at += 2;
            int name = ParseName();
            return Remember(name == 0 ? 0 : tree.Add(NodeKind.ElaboratedType, name, keyword));
        }

        int parameter = ParseTemplateParameter();
        if (parameter == 0 || Peek() != 'I')
        {
            return Remember(parameter);
        }

        if (!_inConversion)
        {
            Remember(parameter);
            return Remember(Add(NodeKind.Template, parameter, ParseTemplateArguments()));
        }

        // Arguments behind a conversion operator's type belong to the operator, unless there are two lists: then the
        // first is the type's.
        int at = _at;
        int substitutions = _substitutions.Count;
        int arguments = ParseTemplateArguments();
        if (arguments != 0 && Peek() == 'I')
        {
            Remember(parameter);
            return Remember(tree.Add(NodeKind.Template, parameter, arguments));
        }

        _at = at;
        _substitutions.RemoveRange(substitutions, _substitutions.Count - substitutions);
        return Remember(parameter);
    }

    private int ParseTypeFromSubstitution()
    {
        char next = PeekNext();
        if (next == '_' || char.IsAsciiDigit(next) || char.IsAsciiLetterUpper(next))
        {
            int known = ParseSubstitution(false);
            if (known != 0 && tree.Kind(known) == NodeKind.ModuleName)
            {
                known = ParseUnqualifiedName(0, known);
                if (known == 0 || Peek() != 'I')
                {
                    return Remember(known);
                }

                Remember(known);
            }

            return known != 0 && Peek() == 'I' ? Remember(Add(NodeKind.Template, known, ParseTemplateArguments())) : known;
        }

        int name = ParseName();
        return name != 0 && tree.Kind(name) == NodeKind.StandardName ? name : Remember(name);
    }

    private int ParseTypeBehindD()
    {
        char letter = PeekNext();
        int builtin = BuiltinTypes.OfLetterAfterD(letter);
        if (builtin >= 0)
        {
            _at += 2;
            return tree.Add(NodeKind.BuiltinType, builtin);
        }

        if (letter == '\0')
        {
            return 0;
        }

        _at += 2;
        switch (letter)
        {
            case 'T' or 't':
                int expression = ParseExpression();
                return expression != 0 && Take('E') ? Remember(tree.Add(NodeKind.Decltype, expression)) : 0;
            case 'p':
                return Remember(Add(NodeKind.PackExpansion, ParseType()));
            case 'v':
                return Remember(ParseVectorType());
            case 'F':
                return ParseFloatType();
            case 'B' or 'U':
                int width = char.IsAsciiDigit(Peek()) ? ParseNumberNode() : ParseExpression();
                return width != 0 && Take('_') ? tree.Add(NodeKind.BitInt, width, letter == 'U' ? 1 : 0) : 0;
            case 'k' or 'K':
                int concept = ParseName();
                return concept == 0 ? 0 : tree.Add(NodeKind.ConstrainedAuto, concept, letter == 'K' ? 1 : 0);
            default:
                return 0;
        }
    }

    /// <summary>Behind "DF": 16b for bfloat16, N_ for _FloatN, Nx for _FloatNx.</summary>
    private int ParseFloatType()
    {
        int start = _at;
        int bits = ParseNumber();
        if (bits < 0)
        {
            return 0;
        }

        if (bits == 16 && Take('b'))
        {
            return tree.Add(NodeKind.BuiltinType, BuiltinTypes.BFloat16);
        }

        Take('x');
        int length = _at - start;
        return _symbol[_at - 1] == 'x' || Take('_') ? tree.Add(NodeKind.FloatType, start, length) : 0;
    }

    private int ParseVectorType()
    {
        int dimension = Take('_') ? ParseExpression() : ParseNumberNode();
        return dimension != 0 && Take('_') ? Add(NodeKind.VectorType, dimension, ParseType()) : 0;
    }

    private int ParseNumberNode()
    {
        int number = ParseNumber();
        return number < 0 ? 0 : tree.Add(NodeKind.Number, number);
    }

    /// <summary>A [number | expression] _ element.</summary>
    private int ParseArrayType()
    {
        _at++;
        int dimension = 0;
        if (char.IsAsciiDigit(Peek()))
        {
            // Kept as text: an array may have more elements than an int can count.
            int start = _at;
            while (char.IsAsciiDigit(Peek()))
            {
                _at++;
            }

            dimension = tree.Add(NodeKind.Name, start, _at - start);
        }
        else if (Peek() != '_')
        {
            dimension = ParseExpression();
            if (dimension == 0)
            {
                return 0;
            }
        }

        if (!Take('_'))
        {
            return 0;
        }

        int element = ParseType();
        return element == 0 ? 0 : tree.Add(NodeKind.ArrayType, dimension, element);
    }

    /// <summary>F [Y] return and parameter types [ref-qualifier] E.</summary>
    private int ParseFunctionType()
    {
        if (!Take('F'))
        {
            return 0;
        }

        Take('Y');
        int type = ParseBareFunctionType(true);
        if (type == 0)
        {
            return 0;
        }

        NodeKind reference = TakeReferenceQualifier();
        if (!Take('E'))
        {
            return 0;
        }

        return reference == NodeKind.None ? type : tree.Add(reference, type);
    }

    private int ParseBareFunctionType(bool hasReturn)
    {
        if (Peek() == 'J')
        {
            _at++;
            hasReturn = true;
        }

        int result = 0;
        if (hasReturn)
        {
            result = ParseType();
            if (result == 0)
            {
                return 0;
            }
        }

        int parameters = ParseTypeList();
        return parameters == 0 ? 0 : tree.Add(NodeKind.FunctionType, result, parameters);
    }

    /// <summary>At least one type; a single void is the empty list, told by an item of 0.</summary>
    private int ParseTypeList()
    {
        int first = 0;
        int last = 0;
        while (!(Peek() is '\0' or 'E' or '.' or 'Q' || (Peek() is 'R' or 'O' && PeekNext() == 'E')))
        {
            int type = ParseType();
            if (type == 0)
            {
                return 0;
            }

            Append(NodeKind.ArgumentList, type, ref first, ref last);
        }

        if (first != 0 && tree[first].B == 0 && tree.Kind(tree[first].A) == NodeKind.BuiltinType && BuiltinTypes.IsVoid(tree[tree[first].A].A))
        {
            tree[first].A = 0;
        }

        return first;
    }
}
