using Blindspot.Image.Elf;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Pclntab;

/// <summary>The function table of an executable file, found by its symbols.</summary>
internal static class GoTableFile
{
    public static GoFunctionTable Open(ElfImage image)
    {
        ImageOffset table = AddressOf(image, "runtime.pclntab");
        ImageOffset text = AddressOf(image, "runtime.text");
        ImageOffset functionData = image.Symbols.TryFindByName("go:func.*", out ElfSymbol data) || image.Symbols.TryFindByName("go.func.*", out data)
            ? data.Address
            : throw new InvalidOperationException("no go:func.*");
        return GoFunctionTable.Open(ReadFrom(image, table), table, text, ReadFrom(image, functionData));
    }

    public static byte[] ReadFrom(ElfImage image, ImageOffset address)
    {
        Assert.True(image.TryGetFileOffset(address, out _, out long available));
        byte[] bytes = new byte[available];
        Assert.Equal(bytes.Length, image.Read(address, bytes));
        return bytes;
    }

    public static ImageOffset AddressOf(ElfImage image, string symbol)
    {
        Assert.True(image.Symbols.TryFindByName(symbol, out ElfSymbol found), $"{image.Name} has no {symbol}");
        return found.Address;
    }
}
