namespace Blindspot.Symbols.Demangling;

/// <content>&lt;type&gt;, &lt;fn-sig&gt;, &lt;dyn-bounds&gt;, lifetimes and binders.</content>
internal sealed partial class RustV0Name
{
    private static string? BasicType(char tag) => tag switch
    {
        'a' => "i8",
        'b' => "bool",
        'c' => "char",
        'd' => "f64",
        'e' => "str",
        'f' => "f32",
        'h' => "u8",
        'i' => "isize",
        'j' => "usize",
        'l' => "i32",
        'm' => "u32",
        'n' => "i128",
        'o' => "u128",
        'p' => "_",
        's' => "i16",
        't' => "u16",
        'u' => "()",
        'v' => "...",
        'x' => "i64",
        'y' => "u64",
        'z' => "!",
        _ => null,
    };

    private void Type()
    {
        if (!Enter())
        {
            return;
        }

        char tag = Take();
        string? basic = BasicType(tag);
        if (basic != null)
        {
            Write(basic);
        }
        else
        {
            CompoundType(tag);
        }

        _depth--;
    }

    private void CompoundType(char tag)
    {
        switch (tag)
        {
            case 'R' or 'Q':
                Write("&");
                if (TakeIf('L'))
                {
                    ulong lifetime = Base62();
                    if (lifetime != 0)
                    {
                        Lifetime(lifetime);
                        Write(" ");
                    }
                }

                Write(tag == 'Q' ? "mut " : "");
                Type();
                break;
            case 'P' or 'O':
                Write(tag == 'P' ? "*const " : "*mut ");
                Type();
                break;
            case 'A' or 'S':
                Write("[");
                Type();
                if (tag == 'A')
                {
                    Write("; ");
                    Constant(true);
                }

                Write("]");
                break;
            case 'T':
                Write("(");
                int count = 0;
                while (!_failed && !output.IsFull && !TakeIf('E'))
                {
                    Write(count++ > 0 ? ", " : "");
                    Type();
                }

                Write(count == 1 ? ",)" : ")");
                break;
            case 'F':
                long outer = _boundLifetimes;
                Binder();
                FunctionSignature();
                _boundLifetimes = outer;
                break;
            case 'D':
                DynamicType();
                break;
            case 'W':
                Type();
                Write(" is ");
                Pattern();
                break;
            case 'B':
                int held = FollowBackReference();
                if (held >= 0)
                {
                    Type();
                    _at = held;
                }

                break;
            default:
                _at--;
                Path(false);
                break;
        }
    }

    /// <summary>[U] [K abi] types E type, behind the binder.</summary>
    private void FunctionSignature()
    {
        if (TakeIf('U'))
        {
            Write("unsafe ");
        }

        if (TakeIf('K'))
        {
            Write("extern \"");
            if (TakeIf('C'))
            {
                Write("C");
            }
            else
            {
                Identifier abi = TakeIdentifier();
                foreach (char letter in _symbol.AsSpan(abi.Start, _failed ? 0 : abi.Length))
                {
                    Write(letter == '_' ? '-' : letter);
                }
            }

            Write("\" ");
        }

        Write("fn(");
        bool isFirst = true;
        while (!_failed && !output.IsFull && !TakeIf('E'))
        {
            Write(isFirst ? "" : ", ");
            isFirst = false;
            Type();
        }

        Write(")");
        if (!TakeIf('u'))
        {
            Write(" -> ");
            Type();
        }
    }

    private void DynamicType()
    {
        Write("dyn ");
        long outer = _boundLifetimes;
        Binder();
        bool isFirst = true;
        while (!_failed && !output.IsFull && !TakeIf('E'))
        {
            Write(isFirst ? "" : " + ");
            isFirst = false;
            DynamicTrait();
        }

        _boundLifetimes = outer;
        if (output.IsFull)
        {
            return;
        }

        if (!TakeIf('L'))
        {
            _failed = true;
            return;
        }

        ulong lifetime = Base62();
        if (lifetime != 0)
        {
            Write(" + ");
            Lifetime(lifetime);
        }
    }

    /// <summary>A trait's path with its associated types among its generic arguments.</summary>
    private void DynamicTrait()
    {
        bool isOpen = PathWithOpenArguments();
        while (TakeIf('p'))
        {
            Write(isOpen ? ", " : "<");
            isOpen = true;
            Identifier name = TakeIdentifier();
            Write(name);
            Write(" = ");
            Type();
        }

        if (isOpen)
        {
            Write(">");
        }
    }

    private bool PathWithOpenArguments()
    {
        if (!Enter())
        {
            return false;
        }

        bool isOpen = false;
        if (TakeIf('B'))
        {
            int held = FollowBackReference();
            if (held >= 0)
            {
                isOpen = PathWithOpenArguments();
                _at = held;
            }
        }
        else if (TakeIf('I'))
        {
            Path(false);
            Write("<");
            GenericArguments();
            isOpen = true;
        }
        else
        {
            Path(false);
        }

        _depth--;
        return isOpen;
    }

    /// <summary>Pattern types (unstable): R start end for a range, O alternatives E, N for not-null.</summary>
    private void Pattern()
    {
        if (!Enter())
        {
            return;
        }

        switch (Take())
        {
            case 'R':
                Constant(false);
                Write("..=");
                Constant(false);
                break;
            case 'O':
                Pattern();
                while (!_failed && !output.IsFull && !TakeIf('E'))
                {
                    Write(" | ");
                    Pattern();
                }

                break;
            case 'N':
                Write("!null");
                break;
            default:
                _failed = true;
                break;
        }

        _depth--;
    }

    /// <summary>[G number]: the lifetimes that "for" binds here. They stay bound until the caller takes them back.</summary>
    private void Binder()
    {
        ulong count = OptionalBase62('G');
        if (count == 0)
        {
            return;
        }

        // Every lifetime that is bound costs a character at least where it is used.
        if (count > (ulong)_symbol.Length)
        {
            _failed = true;
            return;
        }

        Write("for<");
        for (ulong i = 0; i < count; i++)
        {
            Write(i > 0 ? ", " : "");
            _boundLifetimes++;
            Lifetime(1);
        }

        Write("> ");
    }

    /// <summary>0 is erased; others count binders from the inside out.</summary>
    private void Lifetime(ulong index)
    {
        Write("'");
        if (index == 0)
        {
            Write("_");
            return;
        }

        if (index > (ulong)_boundLifetimes)
        {
            _failed = true;
            return;
        }

        ulong depth = (ulong)_boundLifetimes - index;
        if (depth < 26)
        {
            Write((char)('a' + (int)depth));
        }
        else
        {
            Write("_");
            Write(depth);
        }
    }
}
