namespace Blindspot.Symbols.Demangling;

/// <summary>The parsers and buffers of one thread, used again for every symbol.</summary>
internal sealed class DemanglerWorkspace
{
    private const int MostTemplateDepth = 4;

    private readonly NameTree _tree = new();
    private readonly NameBuffer _output = new();
    private readonly ItaniumParser _parser;
    private readonly ItaniumPrinter _printer;
    private readonly RustV0Name _v0;

    public DemanglerWorkspace()
    {
        _parser = new ItaniumParser(_tree);
        _printer = new ItaniumPrinter(_tree, _output);
        _v0 = new RustV0Name(_output);
    }

    public Demangled? Itanium(string symbol, int start, int end)
    {
        int root = _parser.Parse(symbol, start, end);
        if (root == 0 || !_printer.PrintFull(root, Demangler.MaxFullLength))
        {
            return null;
        }

        string full = _output.ToString();
        bool isPrinted = _printer.PrintShort(root, Demangler.MaxShortLength, int.MaxValue);
        for (int depth = MostTemplateDepth; isPrinted && _output.IsFull && depth >= 0; depth--)
        {
            isPrinted = _printer.PrintShort(root, Demangler.MaxShortLength, depth);
        }

        if (isPrinted && _output.IsFull)
        {
            isPrinted = _printer.PrintShort(root, Demangler.MaxFullLength, 0);
        }

        return new Demangled(full, Short(isPrinted, full), "c++");
    }

    public Demangled? RustLegacy(string symbol, int start, int end)
    {
        if (!RustLegacyName.TryPrint(symbol, start, end, _output, Demangler.MaxFullLength, out int suffix))
        {
            return null;
        }

        bool keepsInShort = _output.IsFull || AppendSuffix(symbol, suffix, end);
        string full = _output.ToString();
        bool isPrinted = keepsInShort || RustLegacyName.TryPrint(symbol, start, end, _output, Demangler.MaxFullLength, out _);
        return new Demangled(full, Short(isPrinted, full), "rust");
    }

    public Demangled? RustV0(string symbol, int start, int end)
    {
        if (!_v0.TryPrint(symbol, start + 2, end, Demangler.MaxFullLength, int.MaxValue, out int suffix))
        {
            return null;
        }

        bool keepsInShort = _output.IsFull || AppendSuffix(symbol, suffix, end);
        string full = _output.ToString();
        bool isPrinted = true;
        if (full.Length > Demangler.MaxShortLength || !keepsInShort)
        {
            isPrinted = _v0.TryPrint(symbol, start + 2, end, Demangler.MaxShortLength, int.MaxValue, out _);
            for (int depth = MostTemplateDepth; isPrinted && _output.IsFull && depth >= 0; depth--)
            {
                isPrinted = _v0.TryPrint(symbol, start + 2, end, Demangler.MaxShortLength, depth, out _);
            }

            if (isPrinted && _output.IsFull)
            {
                isPrinted = _v0.TryPrint(symbol, start + 2, end, Demangler.MaxFullLength, 0, out _);
            }
        }

        return new Demangled(full, Short(isPrinted, full), "rust");
    }

    /// <summary>What has been printed last, or else the full name, cut in its middle: scope and function's own name stand at the ends.</summary>
    private string Short(bool isPrinted, string full)
    {
        ReadOnlySpan<char> text = isPrinted ? _output.Text : full;
        if (text.Length > Demangler.MaxShortLength)
        {
            int head = Demangler.MaxShortLength / 2;
            int tail = text.Length - (Demangler.MaxShortLength - head - 1);
            head -= char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
            tail += char.IsLowSurrogate(text[tail]) ? 1 : 0;
            return string.Concat(text[..head], "…", text[tail..]);
        }

        return text.SequenceEqual(full) ? full : new string(text);
    }

    /// <summary>What stands behind a Rust symbol; ".llvm." and its number say nothing to a reader. False if the short name has no place for it.</summary>
    private bool AppendSuffix(string symbol, int start, int end)
    {
        ReadOnlySpan<char> suffix = symbol.AsSpan(start, end - start);
        int llvm = suffix.IndexOf(".llvm.", StringComparison.Ordinal);
        suffix = llvm < 0 ? suffix : suffix[..llvm];
        if (suffix.IsEmpty)
        {
            return true;
        }

        _output.Append(" [clone ");
        _output.Append(suffix);
        _output.Append(']');
        return suffix.StartsWith(".cold", StringComparison.Ordinal);
    }
}
