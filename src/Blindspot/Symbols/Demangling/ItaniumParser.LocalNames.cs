namespace Blindspot.Symbols.Demangling;

/// <content>&lt;local-name&gt; and &lt;substitution&gt;, 5.1.7 and 5.1.8.</content>
internal sealed partial class ItaniumParser
{
    /// <summary>Z encoding E (s | d [number] _ name | name) [discriminator].</summary>
    private int ParseLocalName()
    {
        _at++;
        int function = ParseEncoding(false);
        if (function == 0 || !Take('E'))
        {
            return 0;
        }

        int entity;
        if (Take('s'))
        {
            if (!SkipDiscriminator())
            {
                return 0;
            }

            entity = tree.Add(NodeKind.StringLiteral);
        }
        else
        {
            int defaultArgument = -1;
            if (Take('d'))
            {
                defaultArgument = ParseCompactNumber();
                if (defaultArgument < 0)
                {
                    return 0;
                }
            }

            entity = ParseName();
            if (entity == 0)
            {
                return 0;
            }

            // Lambdas and unnamed types carry their number in themselves.
            if (tree.Kind(entity) is not (NodeKind.Lambda or NodeKind.UnnamedType) && !SkipDiscriminator())
            {
                return 0;
            }

            if (defaultArgument >= 0)
            {
                entity = tree.Add(NodeKind.DefaultArgument, entity, defaultArgument + 1);
            }
        }

        if (tree.Kind(function) == NodeKind.TypedName && tree.Kind(tree[function].B) == NodeKind.FunctionType)
        {
            tree[tree[function].B].A = 0;
        }

        return tree.Add(NodeKind.LocalName, function, entity);
    }

    /// <summary>_ digit, or __ number _ from ten on.</summary>
    private bool SkipDiscriminator()
    {
        // Behind the name of a reference temporary "_" may as well end that.
        if (Peek() != '_' || !(char.IsAsciiDigit(PeekNext()) || PeekNext() == '_'))
        {
            return true;
        }

        _at++;
        bool isLong = Take('_');
        int number = ParseNumber();
        return number >= 0 && (!isLong || number < 10 || Take('_'));
    }

    /// <summary>S_ | S number in base 36 _ | St, Sa, Sb, Ss, Si, So, Sd.</summary>
    /// <param name="isPrefix">A constructor or destructor may follow: then the alias gives way to the class template.</param>
    private int ParseSubstitution(bool isPrefix)
    {
        if (!Take('S'))
        {
            return 0;
        }

        char next = Peek();
        if (next == '_' || char.IsAsciiDigit(next) || char.IsAsciiLetterUpper(next))
        {
            long index = 0;
            if (next != '_')
            {
                while (Peek() is char digit && (char.IsAsciiDigit(digit) || char.IsAsciiLetterUpper(digit)))
                {
                    index = (index * 36) + (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'A' + 10);
                    if (index > int.MaxValue)
                    {
                        return 0;
                    }

                    _at++;
                }

                index++;
            }

            return Take('_') && index < _substitutions.Count ? _substitutions[(int)index] : 0;
        }

        int standard = StandardNames.OfLetter(next);
        if (standard < 0 || next == '\0')
        {
            return 0;
        }

        _at++;
        if (standard != StandardNames.Std)
        {
            _lastName = tree.Add(NodeKind.StandardName, StandardNames.Last(standard));
        }

        bool isWhole = isPrefix && Peek() is 'C' or 'D';
        int name = tree.Add(NodeKind.StandardName, isWhole ? StandardNames.Whole(standard) : standard);
        return Peek() == 'B' ? Remember(ParseTags(name)) : name;
    }
}
