namespace Blindspot.Image.Dwarf.Units;

/// <summary>An attribute as it is written; a unit makes sense of it.</summary>
/// <param name="Name">Which attribute.</param>
/// <param name="Form">How it is written, never <see cref="DwarfForm.Indirect"/>.</param>
/// <param name="Value">The number, offset, index or flag; of a block its length.</param>
/// <param name="Position">Where in the section a block's bytes or an inline string begin.</param>
internal readonly record struct AttributeValue(DwarfAttribute Name, DwarfForm Form, ulong Value, int Position)
{
    public bool IsPresent => Name != DwarfAttribute.None;

    public bool IsBlock => Form is DwarfForm.Block or DwarfForm.Block1 or DwarfForm.Block2 or DwarfForm.Block4 or DwarfForm.Expression;

    /// <summary>As a number, sign-extended where the form is signed; null for anything but a constant.</summary>
    public long? Constant => Form switch
    {
        DwarfForm.Data1 or DwarfForm.Data2 or DwarfForm.Data4 or DwarfForm.Data8 or
        DwarfForm.UnsignedData or DwarfForm.SignedData or DwarfForm.ImplicitConstant => (long)Value,
        _ => null,
    };

    /// <summary>As an offset into another section; versions before 4 wrote those as data.</summary>
    public ulong? SectionOffset => Form switch
    {
        DwarfForm.SectionOffset or DwarfForm.Data4 or DwarfForm.Data8 => Value,
        _ => null,
    };

    public bool Flag => Form == DwarfForm.FlagPresent || (Form == DwarfForm.Flag && Value != 0);
}
