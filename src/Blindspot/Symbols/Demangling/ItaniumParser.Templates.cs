namespace Blindspot.Symbols.Demangling;

/// <content>&lt;template-args&gt;, &lt;template-param&gt;, &lt;template-param-decl&gt;: 5.1.5.8 and 5.1.7.</content>
internal sealed partial class ItaniumParser
{
    /// <summary>(I | J) argument… [Q constraint] E; an empty list has one link without an item.</summary>
    private int ParseTemplateArguments()
    {
        if (Peek() is not ('I' or 'J') || !Enter())
        {
            return 0;
        }

        _at++;
        int lastName = _lastName;
        int arguments = ParseTemplateArgumentsUntilEnd();
        _lastName = lastName;
        Leave();
        return arguments;
    }

    private int ParseTemplateArgumentsUntilEnd()
    {
        int first = 0;
        int last = 0;
        while (!Take('E'))
        {
            if (Take('Q'))
            {
                return ParseExpression() != 0 && Take('E') && first != 0 ? first : 0;
            }

            int argument = ParseTemplateArgument();
            if (argument == 0)
            {
                return 0;
            }

            Append(NodeKind.TemplateArguments, argument, ref first, ref last);
        }

        return first == 0 ? tree.Add(NodeKind.TemplateArguments) : first;
    }

    private int ParseTemplateArgument()
    {
        switch (Peek())
        {
            case 'X':
                _at++;
                int expression = ParseExpression();
                return expression != 0 && Take('E') ? expression : 0;
            case 'L':
                return ParsePrimary();
            case 'I' or 'J':
                return ParseTemplateArguments();
            case 'T' when PeekNext() is 'y' or 'n' or 't' or 'p' or 'k':
                return ParseTemplateParameterDeclaration() == 0 ? 0 : ParseTemplateArgument();
            default:
                return ParseType();
        }
    }

    private int ParseTemplateParameter()
    {
        if (!Take('T'))
        {
            return 0;
        }

        int index = ParseCompactNumber();
        return index < 0 ? 0 : tree.Add(NodeKind.TemplateParameter, index);
    }

    /// <summary>The explicit template parameters of a lambda.</summary>
    private int ParseTemplateHead()
    {
        int first = 0;
        int last = 0;
        while (Peek() == 'T' && PeekNext() is 'y' or 'n' or 't' or 'p' or 'k')
        {
            int parameter = ParseTemplateParameterDeclaration();
            if (parameter == 0)
            {
                return 0;
            }

            Append(NodeKind.ArgumentList, parameter, ref first, ref last);
        }

        if (Take('Q') && ParseExpression() == 0)
        {
            return 0;
        }

        return first == 0 ? 0 : tree.Add(NodeKind.TemplateHead, first);
    }

    private int ParseTemplateParameterDeclaration()
    {
        if (!Enter())
        {
            return 0;
        }

        char kind = PeekNext();
        _at += 2;
        int parameter = 0;
        switch (kind)
        {
            case 'y':
                parameter = tree.Add(NodeKind.TypeParameter);
                break;
            case 'k':
                parameter = Add(NodeKind.TypeParameter, ParseName());
                break;
            case 'n':
                parameter = Add(NodeKind.ValueParameter, ParseType());
                break;
            case 'p':
                parameter = Peek() == 'T' ? Add(NodeKind.ParameterPack, ParseTemplateParameterDeclaration()) : 0;
                break;
            case 't':
                int head = ParseTemplateHead();
                parameter = head != 0 && Take('E') ? tree.Add(NodeKind.TemplateTemplateParameter, head) : 0;
                break;
        }

        Leave();
        return parameter;
    }
}
