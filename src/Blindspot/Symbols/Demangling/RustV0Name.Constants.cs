using System.Globalization;
using System.Text;

namespace Blindspot.Symbols.Demangling;

/// <content>&lt;const&gt;: numbers, characters, and the structured values that came later.</content>
internal sealed partial class RustV0Name
{
    /// <param name="isExpression">False among generic arguments, where more than a literal needs braces.</param>
    private void Constant(bool isExpression)
    {
        if (!Enter())
        {
            return;
        }

        char tag = Take();
        switch (tag)
        {
            case 'p':
                Write("_");
                break;
            case 'h' or 't' or 'm' or 'y' or 'o' or 'j':
                UnsignedConstant();
                break;
            case 'a' or 's' or 'l' or 'x' or 'n' or 'i':
                Write(TakeIf('n') ? "-" : "");
                UnsignedConstant();
                break;
            case 'b':
                ReadOnlySpan<char> boolean = HexDigits();
                if (boolean is "0" or "1")
                {
                    Write(boolean is "1" ? "true" : "false");
                }
                else
                {
                    _failed = true;
                }

                break;
            case 'c':
                CharacterConstant();
                break;
            case 'B':
                int held = FollowBackReference();
                if (held >= 0)
                {
                    Constant(isExpression);
                    _at = held;
                }

                break;
            default:
                StructuredConstant(tag, isExpression);
                break;
        }

        _depth--;
    }

    private void StructuredConstant(char tag, bool isExpression)
    {
        if (tag is 'R' && TakeIf('e'))
        {
            // A reference to a string is how a string literal is written.
            StringConstant();
            return;
        }

        if (!isExpression)
        {
            Write("{");
        }

        switch (tag)
        {
            case 'e':
                Write("*");
                StringConstant();
                break;
            case 'R' or 'Q':
                Write(tag == 'R' ? "&" : "&mut ");
                Constant(true);
                break;
            case 'A':
                Write("[");
                Constants();
                Write("]");
                break;
            case 'T':
                Write("(");
                Write(Constants() == 1 ? ",)" : ")");
                break;
            case 'V':
                Path(true);
                Fields();
                break;
            default:
                _failed = true;
                break;
        }

        if (!isExpression)
        {
            Write("}");
        }
    }

    /// <summary>U for none, T constants E, S name constant … E.</summary>
    private void Fields()
    {
        switch (Take())
        {
            case 'U':
                break;
            case 'T':
                Write("(");
                Constants();
                Write(")");
                break;
            case 'S':
                Write(" { ");
                bool isFirst = true;
                while (!_failed && !output.IsFull && !TakeIf('E'))
                {
                    Write(isFirst ? "" : ", ");
                    isFirst = false;
                    Disambiguator();
                    Identifier name = TakeIdentifier();
                    Write(name);
                    Write(": ");
                    Constant(true);
                }

                Write(" }");
                break;
            default:
                _failed = true;
                break;
        }
    }

    private int Constants()
    {
        int count = 0;
        while (!_failed && !output.IsFull && !TakeIf('E'))
        {
            Write(count++ > 0 ? ", " : "");
            Constant(true);
        }

        return count;
    }

    /// <summary>Hexadecimal digits up to "_".</summary>
    private ReadOnlySpan<char> HexDigits()
    {
        int start = _at;
        while (char.IsAsciiHexDigitLower(Peek()))
        {
            _at++;
        }

        ReadOnlySpan<char> digits = _symbol.AsSpan(start, _at - start);
        _failed |= !TakeIf('_');
        return digits;
    }

    private void UnsignedConstant()
    {
        ReadOnlySpan<char> digits = HexDigits();
        ReadOnlySpan<char> significant = digits.TrimStart('0');
        if (significant.Length > 16)
        {
            Write("0x");
            Write(significant);
        }
        else if (significant.IsEmpty)
        {
            _failed |= digits.IsEmpty;
            Write("0");
        }
        else
        {
            Write(ulong.Parse(significant, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        }
    }

    private void CharacterConstant()
    {
        ReadOnlySpan<char> digits = HexDigits();
        if (_failed || digits.Length > 8
            || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || !Rune.IsValid(value))
        {
            _failed = true;
            return;
        }

        Write("'");
        WriteEscaped(new Rune(value), '\'');
        Write("'");
    }

    /// <summary>The bytes of the string in UTF-8, two hexadecimal digits each.</summary>
    private void StringConstant()
    {
        ReadOnlySpan<char> digits = HexDigits();
        if (_failed || digits.Length % 2 != 0)
        {
            _failed = true;
            return;
        }

        ReadOnlySpan<byte> bytes = Convert.FromHexString(digits);
        Write("\"");
        while (!bytes.IsEmpty && !output.IsFull)
        {
            if (Rune.DecodeFromUtf8(bytes, out Rune rune, out int count) != System.Buffers.OperationStatus.Done)
            {
                _failed = true;
                return;
            }

            WriteEscaped(rune, '"');
            bytes = bytes[count..];
        }

        Write("\"");
    }

    private void WriteEscaped(Rune rune, char quote)
    {
        switch (rune.Value)
        {
            case '\t':
                Write("\\t");
                return;
            case '\r':
                Write("\\r");
                return;
            case '\n':
                Write("\\n");
                return;
            case '\0':
                Write("\\0");
                return;
            case '\\':
                Write("\\\\");
                return;
        }

        if (rune.Value == quote)
        {
            Write("\\");
            Write(quote);
            return;
        }

        Span<char> text = stackalloc char[8];
        if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        {
            Write("\\u{");
            rune.Value.TryFormat(text, out int digits, "x", CultureInfo.InvariantCulture);
            Write(text[..digits]);
            Write("}");
            return;
        }

        int length = rune.EncodeToUtf16(text);
        Write(text[..length]);
    }
}
