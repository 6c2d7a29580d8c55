namespace Blindspot.Symbols.Demangling;

/// <summary>
/// Rust's v0 mangling (RFC 2603): read and written in one pass, without crate hashes and without the types of constant
/// numbers. Back references make a graph of it, so depth, steps and length are bounded.
/// </summary>
internal sealed partial class RustV0Name(NameBuffer output)
{
    private const int MaxDepth = 256;
    private const int MaxSteps = 1 << 17;

    private string _symbol = "";
    private int _base;
    private int _at;
    private int _end;
    private int _depth;
    private int _stepsLeft;
    private int _silence;
    private int _genericDepthLeft;
    private long _boundLifetimes;
    private bool _failed;

    /// <summary>Writes the symbol whose "_R" ends at start; false if it is not of this mangling.</summary>
    /// <param name="genericDepth">Generic arguments nested deeper become an ellipsis.</param>
    /// <param name="suffixStart">Where what a compiler or linker appended begins.</param>
    public bool TryPrint(string symbol, int start, int end, int limit, int genericDepth, out int suffixStart)
    {
        output.Start(limit);
        _symbol = symbol;
        _base = start;
        _at = start;
        _end = end;
        _depth = 0;
        _stepsLeft = MaxSteps;
        _silence = 0;
        _genericDepthLeft = genericDepth;
        _boundLifetimes = 0;
        _failed = false;

        // A number here would be the version of a later encoding.
        bool isPath = char.IsAsciiLetterUpper(Peek());
        if (isPath)
        {
            Path(true);
            if (!_failed && char.IsAsciiLetterUpper(Peek()) && !output.IsFull)
            {
                // The crate that instantiated a generic function.
                _silence++;
                Path(false);
                _silence--;
            }
        }

        suffixStart = _at;
        return isPath && !_failed && (output.IsFull || _at == _end || _symbol[_at] is '.' or '$');
    }

    /// <param name="isValue">Generic arguments of a value are written with "::" before them.</param>
    private void Path(bool isValue)
    {
        if (!Enter())
        {
            return;
        }

        char tag = Take();
        switch (tag)
        {
            case 'C':
                Disambiguator();
                Identifier crate = TakeIdentifier();
                Write(crate);
                break;
            case 'N':
                NestedPath(isValue);
                break;
            case 'M':
            case 'X':
                // Where the impl stands is not shown.
                Disambiguator();
                _silence++;
                Path(false);
                _silence--;
                ImplOrTrait(tag == 'X');
                break;
            case 'Y':
                ImplOrTrait(true);
                break;
            case 'I':
                Path(isValue);
                Write(isValue ? "::<" : "<");
                GenericArguments();
                Write(">");
                break;
            case 'B':
                int held = FollowBackReference();
                if (held >= 0)
                {
                    Path(isValue);
                    _at = held;
                }

                break;
            default:
                _failed = true;
                break;
        }

        _depth--;
    }

    private void NestedPath(bool isValue)
    {
        char space = Take();
        if (!char.IsAsciiLetter(space))
        {
            _failed = true;
            return;
        }

        Path(isValue);
        ulong disambiguator = Disambiguator();
        Identifier name = TakeIdentifier();
        if (char.IsAsciiLetterLower(space))
        {
            if (!name.IsEmpty)
            {
                Write("::");
                Write(name);
            }

            return;
        }

        Write("::{");
        switch (space)
        {
            case 'C':
                Write("closure");
                break;
            case 'S':
                Write("shim");
                break;
            default:
                Write(space);
                break;
        }

        if (!name.IsEmpty)
        {
            Write(":");
            Write(name);
        }

        Write("#");
        Write(disambiguator);
        Write("}");
    }

    private void ImplOrTrait(bool hasTrait)
    {
        Write("<");
        Type();
        if (hasTrait)
        {
            Write(" as ");
            Path(false);
        }

        Write(">");
    }

    private void GenericArguments()
    {
        bool isCut = _genericDepthLeft <= 0;
        if (isCut)
        {
            Write("…");
            _silence++;
        }

        _genericDepthLeft--;
        bool isFirst = true;
        while (!_failed && !output.IsFull && !TakeIf('E'))
        {
            if (!isFirst)
            {
                Write(", ");
            }

            isFirst = false;
            if (TakeIf('L'))
            {
                Lifetime(Base62());
            }
            else if (TakeIf('K'))
            {
                Constant(false);
            }
            else
            {
                Type();
            }
        }

        _genericDepthLeft++;
        if (isCut)
        {
            _silence--;
        }
    }

    /// <summary>
    /// Jumps to what was written at an earlier place and returns where to go on afterwards, or -1 when there is
    /// nothing to do: in silence what stands there needs no reading.
    /// </summary>
    private int FollowBackReference()
    {
        int start = _at - 1;
        ulong target = Base62();
        if (_failed || target >= (ulong)(start - _base))
        {
            _failed = true;
            return -1;
        }

        if (_silence > 0)
        {
            return -1;
        }

        int held = _at;
        _at = _base + (int)target;
        return held;
    }

    private readonly record struct Identifier(int Start, int Length, bool IsPunycode)
    {
        public bool IsEmpty => Length == 0;
    }

    /// <summary>[u] length [_] bytes.</summary>
    private Identifier TakeIdentifier()
    {
        bool isPunycode = TakeIf('u');
        if (!char.IsAsciiDigit(Peek()))
        {
            _failed = true;
            return default;
        }

        int length = Take() - '0';
        while (length > 0 && char.IsAsciiDigit(Peek()) && length < _end)
        {
            length = (length * 10) + (Take() - '0');
        }

        TakeIf('_');
        if (length > _end - _at)
        {
            _failed = true;
            return default;
        }

        Identifier name = new(_at, length, isPunycode);
        _at += length;
        return name;
    }

    private void Write(Identifier name)
    {
        if (_silence > 0 || _failed)
        {
            return;
        }

        ReadOnlySpan<char> text = _symbol.AsSpan(name.Start, name.Length);
        if (!name.IsPunycode)
        {
            output.Append(text);
            return;
        }

        int delimiter = text.LastIndexOf('_');
        ReadOnlySpan<char> plain = delimiter < 0 ? default : text[..delimiter];
        ReadOnlySpan<char> insertions = text[(delimiter + 1)..];
        if (!Punycode.TryDecode(plain, insertions, output))
        {
            output.Append("punycode{");
            output.Append(text);
            output.Append('}');
        }
    }

    /// <summary>[s base-62-number]: 0 if absent, else the number plus one.</summary>
    private ulong Disambiguator() => OptionalBase62('s');

    private ulong OptionalBase62(char mark)
    {
        if (!TakeIf(mark))
        {
            return 0;
        }

        ulong number = Base62();
        if (number == ulong.MaxValue)
        {
            _failed = true;
            return 0;
        }

        return number + 1;
    }

    /// <summary>"_" is 0, digits and "_" are their value plus one.</summary>
    private ulong Base62()
    {
        if (TakeIf('_'))
        {
            return 0;
        }

        ulong value = 0;
        while (!_failed && !TakeIf('_'))
        {
            char digit = Take();
            int number = digit switch
            {
                >= '0' and <= '9' => digit - '0',
                >= 'a' and <= 'z' => digit - 'a' + 10,
                >= 'A' and <= 'Z' => digit - 'A' + 36,
                _ => -1,
            };
            if (number < 0 || value > (ulong.MaxValue - 62) / 62)
            {
                _failed = true;
                return 0;
            }

            value = (value * 62) + (ulong)number;
        }

        return value + 1;
    }

    private bool Enter()
    {
        if (_failed || output.IsFull)
        {
            return false;
        }

        if (_depth >= MaxDepth || --_stepsLeft < 0)
        {
            _failed = true;
            return false;
        }

        _depth++;
        return true;
    }

    private char Peek() => _at < _end ? _symbol[_at] : '\0';

    private char Take()
    {
        if (_at < _end)
        {
            return _symbol[_at++];
        }

        _failed = true;
        return '\0';
    }

    private bool TakeIf(char expected)
    {
        if (_at < _end && _symbol[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Write(ReadOnlySpan<char> text)
    {
        if (_silence == 0)
        {
            output.Append(text);
        }
    }

    private void Write(char letter)
    {
        if (_silence == 0)
        {
            output.Append(letter);
        }
    }

    private void Write(ulong number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out int count);
        Write(digits[..count]);
    }
}
