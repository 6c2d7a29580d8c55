namespace Blindspot.Symbols.Demangling;

/// <summary>
/// What a node of an Itanium name stands for. The comment tells what its fields hold; "node" is an index into the tree
/// (0 is none). Productions are those of the Itanium C++ ABI, section 5.1 "External Names (a.k.a. Mangling)".
/// </summary>
internal enum NodeKind : byte
{
    None,

    // Names
    Name,               // A: start in the symbol, B: length
    StandardName,       // A: index into StandardNames
    AnonymousNamespace,
    QualifiedName,      // A::B
    LocalName,          // A: function (encoding), B: entity
    TypedName,          // A: name, B: function type
    Template,           // A: name, B: TemplateArgument list
    TemplateParameter,  // A: index
    FunctionParameter,  // A: 1-based number, 0 is this
    Constructor,        // A: the class's own name
    Destructor,         // A: likewise
    InheritingConstructor,
    TaggedName,         // A: name, B: tag
    Lambda,             // A: parameters, B: 1-based number, C: template head
    UnnamedType,        // A: 1-based number
    DefaultArgument,    // A: entity, B: 1-based number
    StringLiteral,
    StructuredBinding,  // A: ArgumentList of names
    ModuleName,         // A: parent, B: name, C: 1 when a partition
    ModuleEntity,       // A: name, B: module
    FriendName,         // A: name
    SpecialName,        // A: entity, B: index into SpecialPrefixes
    ConstructionVtable, // A: derived, B: base
    ReferenceTemporary, // A: entity, B: number
    Clone,              // A: encoding, B: start in the symbol, C: length

    // Qualifiers: A is what they qualify
    Restrict,
    Volatile,
    Const,
    RestrictThis,
    VolatileThis,
    ConstThis,
    ReferenceThis,
    RvalueReferenceThis,
    ExplicitObject,
    TransactionSafe,
    Noexcept,           // B: condition or none
    ThrowSpecification, // B: ArgumentList
    VendorQualifier,    // B: its name

    // Types
    Pointer,            // A: target
    Reference,
    RvalueReference,
    Complex,
    Imaginary,
    BuiltinType,        // A: index into BuiltinTypes
    VendorType,         // A: name, B: TemplateArgument list or none
    FloatType,          // A: start in the symbol, B: length ("16", "32x")
    BitInt,             // A: width (node), B: 1 when unsigned
    FunctionType,       // A: return type or none, B: ArgumentList or none
    ArrayType,          // A: dimension or none, B: element
    PointerToMember,    // A: class, B: member type
    VectorType,         // A: dimension, B: element
    ElaboratedType,     // A: name, B: 's', 'u' or 'e'
    Decltype,           // A: expression
    PackExpansion,      // A: pattern
    ConstrainedAuto,    // A: concept, B: 1 for decltype(auto)
    ArgumentList,       // A: item, B: the rest
    TemplateArguments,  // A: item, B: the rest; both none for an empty pack
    TemplateHead,       // A: ArgumentList of TypeParameter and the like
    TypeParameter,      // A: constraint
    ValueParameter,     // A: type
    TemplateTemplateParameter, // A: head
    ParameterPack,      // A: parameter
    Constraint,         // A: name, B: expression

    // Expressions
    Operator,           // A: index into OperatorTable
    VendorOperator,     // A: arity, B: name
    LiteralOperator,    // A: suffix
    Conversion,         // A: type
    Cast,               // A: type
    Nullary,            // A: operator
    Unary,              // A: operator, B: operand
    PostfixUnary,       // A: operator, B: operand
    Binary,             // A: operator, B, C: operands
    Trinary,            // A: operator, B, C, D: operands
    InitializerList,    // A: type or none, B: ArgumentList
    Literal,            // A: type, B: Name
    NegativeLiteral,    // A: type, B: Name
    Number,             // A: value
    VendorExpression,   // A: name, B: TemplateArgument list
}
