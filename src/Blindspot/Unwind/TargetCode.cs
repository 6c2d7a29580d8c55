using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Unwind;

/// <summary>Decodes single instructions anywhere in a module; pages of its code are kept while one function is looked at.</summary>
internal sealed class TargetCode : CodeReader
{
    private const int PageBytes = 4096;
    private const int MaxPages = 64;

    private readonly TargetMemory _memory;
    private readonly Module _module;
    private readonly Dictionary<ulong, byte[]> _pages = [];
    private readonly Decoder _decoder;
    private ulong _at;
    private ulong _pageAddress = ulong.MaxValue;
    private byte[] _page = [];

    /// <param name="module">Whose file tells what is not resident.</param>
    public TargetCode(TargetMemory memory, Module module)
    {
        _memory = memory;
        _module = module;
        _decoder = Decoder.Create(64, this);
    }

    /// <summary>False where there is no instruction, or the code can't be read.</summary>
    public bool TryDecode(ulong address, out Instruction instruction)
    {
        _at = address;
        _decoder.IP = address;
        _decoder.Decode(out instruction);
        return !instruction.IsInvalid;
    }

    public override int ReadByte()
    {
        ulong page = _at & ~(PageBytes - 1UL);
        if (page != _pageAddress)
        {
            _page = Page(page);
            _pageAddress = page;
        }

        int offset = (int)(_at++ - page);
        return offset < _page.Length ? _page[offset] : -1;
    }

    private byte[] Page(ulong address)
    {
        if (!_pages.TryGetValue(address, out byte[]? page))
        {
            if (_pages.Count >= MaxPages)
            {
                _pages.Clear();
            }

            page = new byte[PageBytes];
            Array.Resize(ref page, CodeBytes.Read(_memory, _module, new TargetAddress(address), page));
            _pages.Add(address, page);
        }

        return page;
    }
}
