namespace Blindspot.Image.Dwarf.Expressions;

/// <summary>What an expression may ask of the world. Implemented by structs, so that evaluation calls nothing through an interface.</summary>
public interface IExpressionContext
{
    /// <summary>What to add to an address that stands in the expression (DW_OP_addr).</summary>
    ulong LoadBias { get; }

    /// <summary>False where the register's value is not known.</summary>
    bool TryReadRegister(ulong register, out ulong value);

    /// <summary>Reads 1 to 8 bytes, zero-extended; false where they cannot be read.</summary>
    bool TryReadMemory(ulong address, int size, out ulong value);
}
