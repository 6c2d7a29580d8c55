namespace Blindspot.Symbols.Demangling;

/// <summary>
/// The text of a name while it is printed. It never grows past its limit: what is over is dropped and
/// <see cref="IsFull"/> tells the printer to stop, since substitutions let a short symbol stand for an endless name.
/// </summary>
internal sealed class NameBuffer
{
    private char[] _text = new char[512];
    private int _limit;

    public int Length { get; private set; }

    public bool IsFull { get; private set; }

    /// <summary>The character that was appended last, even if it has been taken back since: on it hangs where GNU puts a space.</summary>
    public char Last { get; private set; }

    public ReadOnlySpan<char> Text => _text.AsSpan(0, Length);

    public void Start(int limit)
    {
        _limit = limit;
        Length = 0;
        IsFull = false;
        Last = '\0';
    }

    public void Append(char next)
    {
        if (Length >= _limit)
        {
            IsFull = true;
            return;
        }

        if (Length == _text.Length)
        {
            Array.Resize(ref _text, Math.Min(_text.Length * 2, Math.Max(_limit, _text.Length + 1)));
        }

        _text[Length++] = next;
        Last = next;
    }

    public void Append(ReadOnlySpan<char> next)
    {
        if (next.Length > _limit - Length)
        {
            next = next[..(_limit - Length)];
            IsFull = true;
        }

        if (next.Length > _text.Length - Length)
        {
            Array.Resize(ref _text, Math.Max(Math.Min(_text.Length * 2, _limit), Length + next.Length));
        }

        if (!next.IsEmpty)
        {
            next.CopyTo(_text.AsSpan(Length));
            Length += next.Length;
            Last = next[^1];
        }
    }

    public void Append(long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out int count);
        Append(digits[..count]);
    }

    /// <summary>Takes back everything after the first <paramref name="length"/> characters.</summary>
    public void CutTo(int length) => Length = Math.Min(length, Length);

    public bool EndsWith(ReadOnlySpan<char> text) => Text.EndsWith(text, StringComparison.Ordinal);

    public override string ToString()
    {
        if (!IsFull)
        {
            return new string(Text);
        }

        bool isHalf = Length > 0 && char.IsHighSurrogate(_text[Length - 1]);
        return string.Concat(isHalf ? Text[..^1] : Text, "…");
    }
}
