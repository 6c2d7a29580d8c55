namespace Blindspot.Symbols.Demangling;

/// <content>&lt;special-name&gt;, 5.1.4: what the compiler makes by itself.</content>
internal sealed partial class ItaniumParser
{
    private int ParseSpecialName()
    {
        char kind = Peek();
        char second = PeekNext();
        if (second == '\0')
        {
            return 0;
        }

        _at += 2;
        return kind == 'T' ? ParseTableOrThunk(second) : ParseGuardOrOther(second);
    }

    private int ParseTableOrThunk(char second)
    {
        switch (second)
        {
            case 'V':
                return Special(SpecialPrefixes.Vtable, ParseType());
            case 'T':
                return Special(SpecialPrefixes.Vtt, ParseType());
            case 'I':
                return Special(SpecialPrefixes.TypeInfo, ParseType());
            case 'S':
                return Special(SpecialPrefixes.TypeInfoName, ParseType());
            case 'F':
                return Special(SpecialPrefixes.TypeInfoFunction, ParseType());
            case 'J':
                return Special(SpecialPrefixes.JavaClass, ParseType());
            case 'h':
                return SkipCallOffset('h') ? Special(SpecialPrefixes.NonVirtualThunk, ParseEncoding(false)) : 0;
            case 'v':
                return SkipCallOffset('v') ? Special(SpecialPrefixes.VirtualThunk, ParseEncoding(false)) : 0;
            case 'c':
                return SkipCallOffset('\0') && SkipCallOffset('\0') ? Special(SpecialPrefixes.CovariantThunk, ParseEncoding(false)) : 0;
            case 'C':
                int derived = ParseType();
                if (derived == 0 || ParseNumber() < 0 || !Take('_'))
                {
                    return 0;
                }

                return Add(NodeKind.ConstructionVtable, ParseType(), derived);
            case 'H':
                return Special(SpecialPrefixes.ThreadLocalInit, ParseName());
            case 'W':
                return Special(SpecialPrefixes.ThreadLocalWrapper, ParseName());
            case 'A':
                return Special(SpecialPrefixes.TemplateParameterObject, ParseTemplateArgument());
            default:
                return 0;
        }
    }

    private int ParseGuardOrOther(char second)
    {
        switch (second)
        {
            case 'V':
                return Special(SpecialPrefixes.GuardVariable, ParseName());
            case 'R':
                int name = ParseName();
                int number = ParseSequenceNumber();
                return name == 0 || number < 0 ? 0 : tree.Add(NodeKind.ReferenceTemporary, name, number);
            case 'A':
                return Special(SpecialPrefixes.HiddenAlias, ParseEncoding(false));
            case 'I':
                int module = 0;
                return ParseModuleName(ref module) ? Special(SpecialPrefixes.ModuleInitializer, module) : 0;
            case 'T':
                return Peek() switch
                {
                    'n' => SkipAnd(1) ? Special(SpecialPrefixes.NonTransactionClone, ParseEncoding(false)) : 0,
                    't' or '\0' => SkipAnd(1) ? Special(SpecialPrefixes.TransactionClone, ParseEncoding(false)) : 0,
                    _ => Special(SpecialPrefixes.TransactionClone, ParseEncoding(false)),
                };
            default:
                return 0;
        }
    }

    private bool SkipAnd(int count)
    {
        _at = Math.Min(_at + count, _end);
        return true;
    }

    private int Special(int prefix, int entity) => entity == 0 ? 0 : tree.Add(NodeKind.SpecialName, entity, prefix);

    /// <summary>h number _ | v number _ number _; the letter is read here unless the special name's own letter was it.</summary>
    private bool SkipCallOffset(char kind)
    {
        if (kind == '\0')
        {
            kind = Peek();
            _at++;
        }

        return kind switch
        {
            'h' => SkipSignedNumber() && Take('_'),
            'v' => SkipSignedNumber() && Take('_') && SkipSignedNumber() && Take('_'),
            _ => false,
        };
    }

    private bool SkipSignedNumber()
    {
        Take('n');
        return ParseNumber() >= 0;
    }

    /// <summary>[number in base 36] _ behind a reference temporary; older compilers left it out: 0 then.</summary>
    private int ParseSequenceNumber()
    {
        if (_at >= _end || Take('_'))
        {
            return 0;
        }

        long number = 0;
        while (Peek() is char digit && (char.IsAsciiDigit(digit) || char.IsAsciiLetterUpper(digit)))
        {
            number = (number * 36) + (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'A' + 10);
            if (number >= int.MaxValue)
            {
                return -1;
            }

            _at++;
        }

        return Take('_') ? (int)number + 1 : -1;
    }
}
