using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Iced.Intel;

namespace Blindspot.Runtime.Go;

/// <summary>Decodes functions of the runtime, to see which variables they use.</summary>
internal sealed class GoCodeReader(GoImage image, GoFunctionTable functions)
{
    private const int MaxFunctionBytes = 64 << 10;

    private readonly Dictionary<string, GoFunction> _byName = [];

    /// <summary>Looks several functions up in one pass over the table.</summary>
    public void Prepare(IReadOnlyCollection<string> names) => functions.FindByNames(names, _byName);

    /// <summary>The instructions of a function; empty if the binary has none of that name.</summary>
    public List<Instruction> Decode(string name)
    {
        List<Instruction> instructions = [];
        if (!_byName.TryGetValue(name, out GoFunction function))
        {
            return instructions;
        }

        int size = (int)Math.Min(MaxFunctionBytes, function.End - function.Entry);
        byte[] code = new byte[size];
        size = image.Read(function.Entry, code);
        Decoder decoder = Decoder.Create(64, new ByteArrayCodeReader(code, 0, size), function.Entry.Value);
        ulong end = function.Entry.Value + (ulong)size;
        while (decoder.IP < end)
        {
            decoder.Decode(out Instruction instruction);
            if (!instruction.IsInvalid)
            {
                instructions.Add(instruction);
            }
        }

        return instructions;
    }

    /// <summary>The variables that a function names by rip-relative operands, each once, in order.</summary>
    public List<ImageOffset> Variables(string name)
    {
        List<ImageOffset> variables = [];
        foreach (Instruction instruction in Decode(name))
        {
            if (instruction.IsIPRelativeMemoryOperand)
            {
                ImageOffset variable = new(instruction.IPRelativeMemoryAddress);
                if (!variables.Contains(variable))
                {
                    variables.Add(variable);
                }
            }
            else if (instruction.MemoryBase == Register.None && instruction.MemoryIndex == Register.None
                && instruction.MemorySegment == Register.DS && instruction.MemoryDisplacement64 != 0)
            {
                ImageOffset variable = new(instruction.MemoryDisplacement64);
                if (!variables.Contains(variable))
                {
                    variables.Add(variable);
                }
            }
        }

        return variables;
    }
}
