namespace Blindspot.Symbols.Demangling;

/// <content>The short form: what a reader knows anyway is left out.</content>
internal sealed partial class ItaniumPrinter
{
    private const int MaxTrackedArguments = 12;

    /// <summary>Namespaces that standard libraries hide their ABI versions in.</summary>
    private bool IsInlineNamespace(int scope, int name) =>
        tree.Kind(name) == NodeKind.Name
        && tree.Kind(scope) is NodeKind.StandardName or NodeKind.QualifiedName
        && tree.Text(name) is "__cxx11" or "__1" or "__2" or "__8" or "__ndk1" or "_V2";

    private void PrintShortFunction(int name)
    {
        int declared = tree.Kind(name) == NodeKind.LocalName ? WithoutFunctionQualifiers(tree[name].B) : name;
        int held = _functionTemplate;
        _functionTemplate = declared;
        PrintApart(name);
        _functionTemplate = held;
    }

    private void PrintShortTemplate(int name, int arguments)
    {
        int start = output.Length;
        Print(name);
        if (_templateDepthLeft <= 0)
        {
            output.Append("<…>");
            return;
        }

        if (output.Last == '<')
        {
            output.Append(' ');
        }

        // Arguments of a function template are deduced or given, never a container's defaults.
        bool mayElide = tree[_currentTemplate].Kind == NodeKind.Template && _currentTemplate != _functionTemplate
            && output.Text[start..].StartsWith("std::", StringComparison.Ordinal);
        int nameEnd = output.Length;
        output.Append('<');
        _templateDepthLeft--;
        if (mayElide)
        {
            PrintWithoutDefaults(start, nameEnd, arguments);
        }
        else
        {
            PrintList(arguments);
        }

        _templateDepthLeft++;
        output.Append('>');
        UseAlias(start);
    }

    private void PrintWithoutDefaults(int nameStart, int nameEnd, int arguments)
    {
        Span<Range> ranges = stackalloc Range[MaxTrackedArguments];
        int count = 0;
        int listStart = output.Length;
        int end = listStart;
        for (; arguments != 0 && !_failed && !output.IsFull; arguments = tree[arguments].B)
        {
            output.CutTo(end);
            if (end > listStart)
            {
                output.Append(", ");
            }

            int start = output.Length;
            if (tree[arguments].A != 0)
            {
                Print(tree[arguments].A);
            }

            if (output.Length == start)
            {
                continue;
            }

            end = output.Length;
            if (count < MaxTrackedArguments)
            {
                ranges[count] = start..end;
            }

            count++;
        }

        if (output.IsFull)
        {
            return;
        }

        output.CutTo(end);
        if (count > MaxTrackedArguments)
        {
            return;
        }

        ReadOnlySpan<char> text = output.Text;
        ReadOnlySpan<char> name = text[nameStart..nameEnd];
        while (count > 1 && StandardDefaults.IsDefault(name, text, ranges[..count]))
        {
            count--;
            output.CutTo(ranges[count - 1].End.Value);
        }
    }

    /// <summary>std::basic_string&lt;char&gt; is std::string, std::basic_ostream&lt;wchar_t&gt; is std::wostream, and so on.</summary>
    private void UseAlias(int start)
    {
        const string Prefix = "std::basic_";
        ReadOnlySpan<char> text = output.Text[start..];
        if (output.IsFull || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return;
        }

        int open = text.IndexOf('<');
        string? before = text[open..] switch
        {
            "<char>" => "std::",
            "<wchar_t>" => "std::w",
            "<char8_t>" => "std::u8",
            "<char16_t>" => "std::u16",
            "<char32_t>" => "std::u32",
            _ => null,
        };
        if (before == null)
        {
            return;
        }

        Span<char> bare = stackalloc char[32];
        ReadOnlySpan<char> rest = text[Prefix.Length..open];
        if (rest.Length <= bare.Length && !rest.Contains(':'))
        {
            rest.CopyTo(bare);
            output.CutTo(start);
            output.Append(before);
            output.Append(bare[..rest.Length]);
        }
    }
}
