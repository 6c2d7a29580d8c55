using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>
/// Goes through the entries of a unit, or those below one entry, in the order of the section: each before its children.
/// Attributes that were not read are skipped.
/// </summary>
internal ref struct EntryCursor
{
    private readonly AbbreviationTable _abbreviations;
    private readonly FormEncoding _encoding;
    private readonly int _unitOffset;
    private ByteReader _reader;
    private Abbreviation _abbreviation;
    private int _attribute;
    private int _nextDepth;
    private bool _ended;

    /// <param name="unit">The unit.</param>
    /// <param name="offset">Where in the section the first entry begins; the cursor ends behind its last child.</param>
    public EntryCursor(DwarfUnit unit, int offset)
    {
        _abbreviations = unit.Abbreviations;
        _encoding = unit.Header.Encoding;
        _unitOffset = unit.Header.Offset;
        _reader = new ByteReader(unit.File.Sections.Info.Span[..unit.Header.End], ".debug_info", offset);
    }

    /// <summary>Where in the section the current entry begins.</summary>
    public int Offset { readonly get; private set; }

    /// <summary>0 for the first entry.</summary>
    public int Depth { readonly get; private set; }

    public readonly DwarfTag Tag => _abbreviation.Tag;

    public readonly bool HasChildren => _abbreviation.HasChildren;

    /// <summary>It has an attribute that says where its code is.</summary>
    public readonly bool HasCode => _abbreviation.HasCode;

    public bool MoveNext()
    {
        SkipAttributes();
        while (!_ended && !_reader.AtEnd)
        {
            if (ReadCode())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The current entry's next attribute; false when it has no more.</summary>
    public bool TryReadAttribute(out AttributeValue value)
    {
        if (_attribute >= _abbreviation.Count)
        {
            value = default;
            return false;
        }

        AttributeSpecification specification = _abbreviations.SpecificationsOf(_abbreviation)[_attribute];
        value = FormReader.Read(ref _reader, specification.Name, specification.Form, specification.ImplicitConstant, _encoding);
        _attribute++;
        return true;
    }

    /// <summary>
    /// Moves behind the current entry's children, so that the next one is no child of it; at once where it says where its
    /// sibling is. Call it once, before <see cref="MoveNext"/>; attributes not yet read are then gone.
    /// </summary>
    public void SkipChildren()
    {
        int depth = Depth;
        if (!_abbreviation.HasChildren)
        {
            return;
        }

        while (TryReadAttribute(out AttributeValue value))
        {
            if (value.Name == DwarfAttribute.Sibling && TryJumpToSibling(value))
            {
                _attribute = _abbreviation.Count;
                _nextDepth = depth;
                _ended = depth == 0;
                return;
            }
        }

        while (!_ended && _nextDepth > depth && !_reader.AtEnd)
        {
            SkipAttributes();
            ReadCode();
        }

        _attribute = _abbreviation.Count;
    }

    private bool TryJumpToSibling(in AttributeValue value)
    {
        if (value.Form is not (DwarfForm.Reference1 or DwarfForm.Reference2 or DwarfForm.Reference4 or DwarfForm.Reference8 or DwarfForm.ReferenceUnsigned))
        {
            return false;
        }

        // Only ever forward, so that entries that point to each other end.
        ulong target = unchecked((ulong)_unitOffset + value.Value);
        if (target <= (ulong)_reader.Position || target > (ulong)_reader.Length)
        {
            return false;
        }

        _reader.Position = (long)target;
        return true;
    }

    /// <summary>Reads an entry's code. False for the end of a list of siblings; that of the first entry's children is the end of all.</summary>
    private bool ReadCode()
    {
        Offset = (int)_reader.Position;
        ulong code = _reader.ReadUleb128();
        if (code == 0)
        {
            _ended = --_nextDepth <= 0;
            return false;
        }

        if (!_abbreviations.TryFind(code, out _abbreviation))
        {
            _reader.ThrowMalformed($"abbreviation {code} is not in the unit's table");
        }

        _attribute = 0;
        Depth = _nextDepth;
        if (_abbreviation.HasChildren)
        {
            _nextDepth++;
        }
        else
        {
            _ended = _nextDepth == 0;
        }

        return true;
    }

    private void SkipAttributes()
    {
        if (_attribute == 0 && _abbreviation.Size >= 0)
        {
            _reader.Skip(_abbreviation.Size);
        }
        else if (_attribute < _abbreviation.Count)
        {
            foreach (AttributeSpecification specification in _abbreviations.SpecificationsOf(_abbreviation)[_attribute..])
            {
                FormReader.Skip(ref _reader, specification.Form, _encoding);
            }
        }

        _attribute = _abbreviation.Count;
    }
}
