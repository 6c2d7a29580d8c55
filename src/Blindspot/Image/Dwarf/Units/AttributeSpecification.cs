namespace Blindspot.Image.Dwarf.Units;

/// <summary>One attribute of an abbreviation.</summary>
internal readonly record struct AttributeSpecification(DwarfAttribute Name, DwarfForm Form, long ImplicitConstant);
