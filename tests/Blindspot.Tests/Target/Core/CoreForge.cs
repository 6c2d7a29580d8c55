using System.Buffers.Binary;
using System.Text;
using Blindspot.Tests.Image.Elf;

namespace Blindspot.Tests.Target.Core;

/// <summary>Writes small core files: notes first, as the kernel does.</summary>
internal sealed class CoreForge
{
    private readonly List<byte[]> _notes = [];
    private readonly List<(ulong Address, uint Flags, byte[] Contents, long MemorySize)> _loads = [];

    /// <summary>Adds so many empty program headers that the count moves to section 0 (PN_XNUM).</summary>
    public int ExtraHeaders { get; set; }

    public CoreForge AddNote(uint type, byte[] contents, string owner = "CORE")
    {
        _notes.Add(ElfForge.Note(owner, type, contents));
        return this;
    }

    public CoreForge AddThread(int tid, ulong rip, ulong rsp, ulong blocked = 0)
    {
        byte[] status = new byte[336];
        BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(24), blocked);
        BinaryPrimitives.WriteInt32LittleEndian(status.AsSpan(32), tid);
        BinaryPrimitives.WriteInt64LittleEndian(status.AsSpan(48), 3);
        BinaryPrimitives.WriteInt64LittleEndian(status.AsSpan(56), 500_000);
        for (int i = 0; i < 27; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(112 + (i * 8)), (ulong)i + 100);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(112 + (16 * 8)), rip);
        BinaryPrimitives.WriteUInt64LittleEndian(status.AsSpan(112 + (19 * 8)), rsp);
        return AddNote(1, status);
    }

    public CoreForge AddProcess(int pid, string name)
    {
        byte[] info = new byte[136];
        BinaryPrimitives.WriteInt32LittleEndian(info.AsSpan(24), pid);
        Encoding.UTF8.GetBytes(name, info.AsSpan(40, 16));
        return AddNote(3, info);
    }

    public CoreForge AddFiles(params (ulong Start, ulong End, ulong Page, string Path)[] files)
    {
        var writer = new BinaryWriter(new MemoryStream());
        writer.Write((long)files.Length);
        writer.Write(4096L);
        foreach ((ulong start, ulong end, ulong page, _) in files)
        {
            writer.Write(start);
            writer.Write(end);
            writer.Write(page);
        }

        foreach ((_, _, _, string path) in files)
        {
            writer.Write(Encoding.UTF8.GetBytes(path + "\0"));
        }

        return AddNote(0x46494c45, ((MemoryStream)writer.BaseStream).ToArray());
    }

    public CoreForge AddAuxiliary(params (ulong Type, ulong Value)[] entries)
    {
        byte[] bytes = new byte[(entries.Length + 1) * 16];
        for (int i = 0; i < entries.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 16), entries[i].Type);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan((i * 16) + 8), entries[i].Value);
        }

        return AddNote(6, bytes);
    }

    public CoreForge AddMemory(ulong address, byte[] contents, uint flags = 6, long? memorySize = null)
    {
        _loads.Add((address, flags, contents, memorySize ?? contents.Length));
        return this;
    }

    public byte[] Build()
    {
        byte[] notes = [.. _notes.SelectMany(note => note)];
        int count = 1 + _loads.Count + ExtraHeaders;
        var writer = new BinaryWriter(new MemoryStream());
        writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]);
        writer.Write(0L);
        writer.Write((ushort)4);
        writer.Write((ushort)62);
        writer.Write(1);
        writer.Write(0L);
        writer.Write(64L);
        long notesAt = 64 + (count * 56L);
        long memoryAt = notesAt + notes.Length;
        long end = memoryAt + _loads.Sum(load => (long)load.Contents.Length);
        writer.Write(ExtraHeaders > 0 ? end : 0L);
        writer.Write(0);
        writer.Write((ushort)64);
        writer.Write((ushort)56);
        writer.Write((ushort)(ExtraHeaders > 0 ? 0xffff : count));
        writer.Write((ushort)64);
        writer.Write((ushort)(ExtraHeaders > 0 ? 1 : 0));
        writer.Write((ushort)0);
        WriteHeader(writer, 4, 0, notesAt, 0, notes.Length, 0);
        long offset = memoryAt;
        foreach ((ulong address, uint flags, byte[] contents, long memorySize) in _loads)
        {
            WriteHeader(writer, 1, flags, offset, address, contents.Length, memorySize);
            offset += contents.Length;
        }

        writer.Write(new byte[ExtraHeaders * 56]);
        writer.Write(notes);
        foreach ((_, _, byte[] contents, _) in _loads)
        {
            writer.Write(contents);
        }

        if (ExtraHeaders > 0)
        {
            byte[] section = new byte[64];
            BinaryPrimitives.WriteInt32LittleEndian(section.AsSpan(44), count);
            writer.Write(section);
        }

        return ((MemoryStream)writer.BaseStream).ToArray();
    }

    private static void WriteHeader(BinaryWriter writer, uint type, uint flags, long offset, ulong address, long fileSize, long memorySize)
    {
        writer.Write(type);
        writer.Write(flags);
        writer.Write(offset);
        writer.Write(address);
        writer.Write(0L);
        writer.Write(fileSize);
        writer.Write(memorySize);
        writer.Write(4L);
    }
}
