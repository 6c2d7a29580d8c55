namespace Blindspot.Symbols.Demangling;

/// <content>&lt;expression&gt; and &lt;expr-primary&gt;, 5.1.6.</content>
internal sealed partial class ItaniumParser
{
    private int ParseExpression()
    {
        if (!Enter())
        {
            return 0;
        }

        bool inExpression = _inExpression;
        _inExpression = true;
        int expression = ParseExpressionHere();
        _inExpression = inExpression;
        Leave();
        return expression;
    }

    private int ParseExpressionHere()
    {
        char first = Peek();
        char second = PeekNext();
        switch (first)
        {
            case 'L':
                return ParsePrimary();
            case 'T':
                return ParseTemplateParameter();
            case 's' when second == 'r':
                return ParseScopedReference();
            case 's' when second == 'p':
                _at += 2;
                return Add(NodeKind.PackExpansion, ParseExpression());
            case 'f' when second is 'p' or 'L' && IsFunctionParameterNext():
                return ParseFunctionParameter();
            case >= '0' and <= '9':
                return WithTemplateArguments(ParseUnqualifiedName(0, 0));
            case 'o' when second == 'n':
                _at += 2;
                return WithTemplateArguments(ParseOperatorName());
            case 'd' when second == 'n':
                _at += 2;
                return ParseDestructorName();
            case 'i' or 't' when second == 'l':
                return ParseInitializerList();
            case 'u' when char.IsAsciiDigit(second):
                return ParseVendorExpression();
            case '\0':
                return 0;
            default:
                return ParseOperation();
        }
    }

    /// <summary>"fL" is both a parameter of an outer function and a left fold; a fold's operator is a letter.</summary>
    private bool IsFunctionParameterNext() =>
        PeekNext() == 'p' || (_at + 2 < _end && char.IsAsciiDigit(_symbol[_at + 2]));

    /// <summary>fp [CV] [number] _ | fL number p [CV] [number] _ | fpT.</summary>
    private int ParseFunctionParameter()
    {
        bool isOuter = PeekNext() == 'L';
        _at += 2;
        if (isOuter && (ParseNumber() < 0 || !Take('p')))
        {
            return 0;
        }

        if (Take('T'))
        {
            return tree.Add(NodeKind.FunctionParameter, 0);
        }

        while (Peek() is 'r' or 'V' or 'K')
        {
            _at++;
        }

        int number = ParseCompactNumber();
        return number < 0 ? 0 : tree.Add(NodeKind.FunctionParameter, number + 1);
    }

    /// <summary>sr type name [arguments] | sr level… E name [arguments] | srN type level… E name [arguments].</summary>
    private int ParseScopedReference()
    {
        _at += 2;
        int scope = 0;
        bool hasLevels = char.IsAsciiDigit(Peek());
        if (Peek() == 'N' && LooksLikeUnresolvedScope())
        {
            _at++;
            scope = ParseType();
            hasLevels = scope != 0;
        }
        else if (!hasLevels)
        {
            scope = ParseType();
        }

        if (hasLevels)
        {
            while (!Take('E'))
            {
                scope = Join(scope, WithTemplateArguments(ParseUnqualifiedName(0, 0)));
                if (scope == 0)
                {
                    return 0;
                }
            }
        }

        if (scope == 0)
        {
            return 0;
        }

        int name = Take('d', 'n') ? ParseDestructorName() : ParseUnqualifiedName(0, 0);
        return WithTemplateArguments(Join(scope, name));
    }

    /// <summary>"srN" is followed by an unresolved type in the newer form: a template parameter, decltype or substitution.</summary>
    private bool LooksLikeUnresolvedScope() =>
        PeekNext() == 'T' || (PeekNext() == 'D' && _at + 2 < _end && _symbol[_at + 2] is 't' or 'T');

    private int ParseDestructorName()
    {
        if (char.IsAsciiDigit(Peek()))
        {
            int name = ParseSourceName();
            return WithTemplateArguments(Add(NodeKind.Destructor, name));
        }

        return Add(NodeKind.Destructor, ParseType());
    }

    private int WithTemplateArguments(int name) =>
        name != 0 && Peek() == 'I' ? Add(NodeKind.Template, name, ParseTemplateArguments()) : name;

    /// <summary>il expressions E | tl type expressions E.</summary>
    private int ParseInitializerList()
    {
        bool hasType = Peek() == 't';
        _at += 2;
        int type = 0;
        if (hasType)
        {
            type = ParseType();
            if (type == 0)
            {
                return 0;
            }
        }

        int items = ParseExpressionList('E');
        return items == 0 ? 0 : tree.Add(NodeKind.InitializerList, type, items);
    }

    private int ParseVendorExpression()
    {
        _at++;
        int name = ParseSourceName();
        int arguments = name == 0 ? 0 : ParseTemplateArgumentsUntilEnd();
        return Add(NodeKind.VendorExpression, name, arguments);
    }

    /// <summary>Expressions up to an end mark; an empty list has one link without an item.</summary>
    private int ParseExpressionList(char end)
    {
        int first = 0;
        int last = 0;
        while (!Take(end))
        {
            int expression = ParseExpression();
            if (expression == 0)
            {
                return 0;
            }

            Append(NodeKind.ArgumentList, expression, ref first, ref last);
        }

        return first == 0 ? tree.Add(NodeKind.ArgumentList) : first;
    }

    private int ParseOperation()
    {
        int operation = ParseOperatorName();
        if (operation == 0)
        {
            return 0;
        }

        switch (tree.Kind(operation))
        {
            case NodeKind.Cast:
                int operand = Take('_') ? ParseExpressionList('E') : ParseExpression();
                return Add(NodeKind.Unary, operation, operand);
            case NodeKind.VendorOperator:
                return ParseVendorOperation(operation);
            case NodeKind.Operator:
                break;
            default:
                return 0;
        }

        ref readonly OperatorEntry entry = ref OperatorTable.At(tree[operation].A);
        return entry.Arity switch
        {
            0 => tree.Add(NodeKind.Nullary, operation),
            1 => ParseUnary(operation, entry.Code),
            2 => ParseBinary(operation, entry.Code),
            _ => ParseTrinary(operation, entry.Code),
        };
    }

    private int ParseVendorOperation(int operation)
    {
        int arity = tree[operation].A;
        int first = arity >= 1 ? ParseExpression() : 0;
        int second = arity >= 2 && first != 0 ? ParseExpression() : 0;
        int third = arity >= 3 && second != 0 ? ParseExpression() : 0;
        return arity switch
        {
            0 => tree.Add(NodeKind.Nullary, operation),
            1 => Add(NodeKind.Unary, operation, first),
            2 => second == 0 ? 0 : tree.Add(NodeKind.Binary, operation, first, second),
            3 => third == 0 ? 0 : tree.Add(NodeKind.Trinary, operation, first, second, third),
            _ => 0,
        };
    }

    private int ParseUnary(int operation, string code)
    {
        switch (code)
        {
            case "pp" or "mm":
                bool isPrefix = Take('_');
                return Add(isPrefix ? NodeKind.Unary : NodeKind.PostfixUnary, operation, ParseExpression());
            case "st" or "at" or "ti":
                return Add(NodeKind.Unary, operation, ParseType());
            case "sP":
                return Add(NodeKind.Unary, operation, ParseTemplateArgumentsUntilEnd());
            default:
                return Add(NodeKind.Unary, operation, ParseExpression());
        }
    }

    private int ParseBinary(int operation, string code)
    {
        int left = code switch
        {
            "cc" or "dc" or "rc" or "sc" => ParseType(),
            "fl" or "fr" => ParseOperatorName(),
            "di" => ParseUnqualifiedName(0, 0),
            _ => ParseExpression(),
        };
        if (left == 0)
        {
            return 0;
        }

        int right = code switch
        {
            "cl" or "cp" => ParseExpressionList('E'),
            "dt" or "pt" => ParseMemberName(),
            _ => ParseExpression(),
        };
        return right == 0 ? 0 : tree.Add(NodeKind.Binary, operation, left, right);
    }

    private int ParseMemberName()
    {
        if (Take('d', 'n'))
        {
            return ParseDestructorName();
        }

        return Peek() == 's' && PeekNext() == 'r' ? ParseScopedReference() : WithTemplateArguments(ParseUnqualifiedName(0, 0));
    }

    private int ParseTrinary(int operation, string code)
    {
        int first;
        int second;
        int third = 0;
        switch (code)
        {
            case "fL" or "fR":
                first = ParseOperatorName();
                second = first == 0 ? 0 : ParseExpression();
                third = second == 0 ? 0 : ParseExpression();
                return third == 0 ? 0 : tree.Add(NodeKind.Trinary, operation, first, second, third);
            case "nw" or "na":
                first = ParseExpressionList('_');
                second = first == 0 ? 0 : ParseType();
                if (second == 0)
                {
                    return 0;
                }

                if (!Take('E'))
                {
                    third = Take('p', 'i') ? ParseExpressionList('E') : Peek() == 'i' && PeekNext() == 'l' ? ParseExpression() : 0;
                    if (third == 0)
                    {
                        return 0;
                    }
                }

                return tree.Add(NodeKind.Trinary, operation, first, second, third);
            default:
                first = ParseExpression();
                second = first == 0 ? 0 : ParseExpression();
                third = second == 0 ? 0 : ParseExpression();
                return third == 0 ? 0 : tree.Add(NodeKind.Trinary, operation, first, second, third);
        }
    }

    /// <summary>L type value E | L _Z encoding E; the value of a number begins with 'n' when negative.</summary>
    private int ParsePrimary()
    {
        _at++;
        if (Peek() is '_' or 'Z')
        {
            Take('_');
            int entity = Take('Z') ? ParseEncoding(false) : 0;
            return entity != 0 && Take('E') ? entity : 0;
        }

        int type = ParseType();
        if (type == 0)
        {
            return 0;
        }

        if (Peek() == 'E')
        {
            _at++;
            bool isNullptr = tree.Kind(type) == NodeKind.BuiltinType && tree[type].A == BuiltinTypes.DecltypeNullptr;
            return isNullptr ? type : tree.Add(NodeKind.Literal, type);
        }

        NodeKind kind = Take('n') ? NodeKind.NegativeLiteral : NodeKind.Literal;
        int start = _at;
        int length = _symbol.AsSpan(_at, _end - _at).IndexOf('E');
        if (length < 0)
        {
            return 0;
        }

        _at += length + 1;
        return tree.Add(kind, type, tree.Add(NodeKind.Name, start, length));
    }
}
