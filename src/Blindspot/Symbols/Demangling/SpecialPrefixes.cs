namespace Blindspot.Symbols.Demangling;

/// <summary>How the compiler's own entities are told, as GNU tools do.</summary>
internal static class SpecialPrefixes
{
    public const int Vtable = 0;
    public const int Vtt = 1;
    public const int TypeInfo = 2;
    public const int TypeInfoName = 3;
    public const int TypeInfoFunction = 4;
    public const int JavaClass = 5;
    public const int NonVirtualThunk = 6;
    public const int VirtualThunk = 7;
    public const int CovariantThunk = 8;
    public const int ThreadLocalInit = 9;
    public const int ThreadLocalWrapper = 10;
    public const int TemplateParameterObject = 11;
    public const int GuardVariable = 12;
    public const int HiddenAlias = 13;
    public const int ModuleInitializer = 14;
    public const int TransactionClone = 15;
    public const int NonTransactionClone = 16;

    private static readonly string[] s_texts =
    [
        "vtable for ",
        "VTT for ",
        "typeinfo for ",
        "typeinfo name for ",
        "typeinfo fn for ",
        "java Class for ",
        "non-virtual thunk to ",
        "virtual thunk to ",
        "covariant return thunk to ",
        "TLS init function for ",
        "TLS wrapper function for ",
        "template parameter object for ",
        "guard variable for ",
        "hidden alias for ",
        "initializer for module ",
        "transaction clone for ",
        "non-transaction clone for ",
    ];

    public static string Text(int prefix) => s_texts[prefix];
}
