using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Lines;

/// <summary>
/// Runs a line number program (DWARF 5, section 6.2.5) and keeps of each row what look-ups need: rows that differ in
/// column or flags alone become one.
/// </summary>
internal ref struct LineProgram
{
    private readonly LineHeader _header;
    private readonly List<LineRow> _rows;
    private readonly List<LineSequence> _sequences;
    private readonly ReadOnlySpan<byte> _section;
    private ByteReader _reader;
    private ulong _address;
    private ulong _operationIndex;
    private long _line;
    private int _file;
    private ulong _sequenceStart;
    private ulong _lastAddress;
    private int _firstRow;
    private LineRow _last;
    private bool _isInSequence;
    private bool _isSorted;
    private bool _isFirst;
    private bool _isDropped;

    public LineProgram(ReadOnlyMemory<byte> section, LineHeader header, List<LineRow> rows, List<LineSequence> sequences)
    {
        _header = header;
        _rows = rows;
        _sequences = sequences;
        _section = section.Span[..header.ProgramEnd];
        _reader = new ByteReader(_section, ".debug_line", header.ProgramStart);
        Reset();
    }

    /// <summary>Where operations define files (DW_LNE_define_file); null for nowhere.</summary>
    public List<int>? DefinedFiles { readonly get; private set; }

    /// <summary>Rows that the program made, before any were left out.</summary>
    public long RowCount { readonly get; private set; }

    public void Run()
    {
        if (_header.LineRange == 0 && _header.OpcodeBase < byte.MaxValue)
        {
            // Only special operations divide by it; a table without any code may leave it 0.
            if (!_reader.AtEnd)
            {
                _reader.ThrowMalformed("line_range is 0");
            }
        }

        while (!_reader.AtEnd)
        {
            byte opcode = _reader.ReadByte();
            if (opcode >= _header.OpcodeBase)
            {
                int adjusted = opcode - _header.OpcodeBase;
                Advance((ulong)(adjusted / _header.LineRange));
                _line += _header.LineBase + (adjusted % _header.LineRange);
                AddRow();
            }
            else if (opcode == 0)
            {
                ExecuteExtended();
            }
            else
            {
                ExecuteStandard(opcode);
            }
        }
    }

    private void ExecuteStandard(byte opcode)
    {
        switch (opcode)
        {
            case 1: // DW_LNS_copy
                AddRow();
                break;
            case 2: // DW_LNS_advance_pc
                Advance(_reader.ReadUleb128());
                break;
            case 3: // DW_LNS_advance_line
                _line = unchecked(_line + _reader.ReadSleb128());
                break;
            case 4: // DW_LNS_set_file
                _file = (int)Math.Min(_reader.ReadUleb128(), int.MaxValue);
                break;
            case 5: // DW_LNS_set_column
            case 12: // DW_LNS_set_isa
                _reader.ReadUleb128();
                break;
            case 6: // DW_LNS_negate_stmt
            case 7: // DW_LNS_set_basic_block
            case 10: // DW_LNS_set_prologue_end
            case 11: // DW_LNS_set_epilogue_begin
                break;
            case 8: // DW_LNS_const_add_pc
                Advance((ulong)((byte.MaxValue - _header.OpcodeBase) / _header.LineRange));
                break;
            case 9: // DW_LNS_fixed_advance_pc
                _address = unchecked(_address + _reader.ReadUInt16());
                _operationIndex = 0;
                break;
            default:
                for (int i = _section[_header.OperandCounts + opcode - 1]; i > 0; i--)
                {
                    _reader.ReadUleb128();
                }

                break;
        }
    }

    private void ExecuteExtended()
    {
        ulong length = _reader.ReadUleb128();
        if (length > (ulong)_reader.Remaining)
        {
            _reader.ThrowMalformed("an extended operation reaches past the end");
        }

        long end = _reader.Position + (long)length;
        if (length == 0)
        {
            return;
        }

        switch (_reader.ReadByte())
        {
            case 1: // DW_LNE_end_sequence
                EndSequence();
                Reset();
                break;
            case 2: // DW_LNE_set_address
                _address = _reader.ReadUnsigned((int)(length - 1));
                _operationIndex = 0;
                break;
            case 3: // DW_LNE_define_file
                (DefinedFiles ??= []).Add((int)_reader.Position);
                break;
        }

        _reader.Position = end;
    }

    private void Advance(ulong operations)
    {
        if (_header.MaximumOperations <= 1)
        {
            _address = unchecked(_address + (operations * _header.MinimumInstructionLength));
            return;
        }

        ulong index = unchecked(_operationIndex + operations);
        _address = unchecked(_address + (index / _header.MaximumOperations * _header.MinimumInstructionLength));
        _operationIndex = index % _header.MaximumOperations;
    }

    private void AddRow()
    {
        RowCount++;
        if (!_isInSequence)
        {
            _isInSequence = true;
            _isSorted = true;
            _isFirst = true;
            _isDropped = !new Units.AddressRange(_address, ulong.MaxValue).IsLive;
            _sequenceStart = _address;
            _firstRow = _rows.Count;
        }
        else if (_address < _lastAddress)
        {
            _isSorted = false;
        }

        // A tombstone (of code that the linker dropped), or rows that reach back before the first or 4 GiB beyond it.
        ulong delta = unchecked(_address - _sequenceStart);
        _isDropped |= delta > uint.MaxValue;
        if (_isDropped)
        {
            return;
        }

        _lastAddress = _address;
        var row = new LineRow((uint)delta, (int)Math.Clamp(_line, 0, int.MaxValue), _file);
        if (_isFirst)
        {
            _isFirst = false;
        }
        else if (_last.Delta != row.Delta)
        {
            if (_last.Line == row.Line && _last.File == row.File && _isSorted)
            {
                return;
            }

            _rows.Add(_last);
        }

        // Of several rows for one address the last holds: the others cover no instruction.
        _last = row;
    }

    private void EndSequence()
    {
        RowCount++;
        if (!_isInSequence)
        {
            return;
        }

        var range = new Units.AddressRange(_sequenceStart, _address);
        if (!range.IsLive || _isDropped)
        {
            _rows.RemoveRange(_firstRow, _rows.Count - _firstRow);
            return;
        }

        _rows.Add(_last);
        int count = _rows.Count - _firstRow;

        if (!_isSorted)
        {
            SortRows(_firstRow, count);
        }

        _sequences.Add(new LineSequence(range.Low, range.High, _firstRow, count));
    }

    /// <summary>Stable, since of rows for one address the last holds.</summary>
    private readonly void SortRows(int first, int count)
    {
        var keys = new (uint Delta, int Order)[count];
        LineRow[] rows = _rows.GetRange(first, count).ToArray();
        for (int i = 0; i < count; i++)
        {
            keys[i] = (rows[i].Delta, i);
        }

        Array.Sort(keys, rows);
        for (int i = 0; i < count; i++)
        {
            _rows[first + i] = rows[i];
        }
    }

    private void Reset()
    {
        _address = 0;
        _operationIndex = 0;
        _line = 1;
        _file = 1;
        _isInSequence = false;
    }
}
