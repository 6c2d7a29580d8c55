namespace Blindspot.Symbols.Demangling;

/// <content>Types and the modifiers around them.</content>
internal sealed partial class ItaniumPrinter
{
    private void PrintType(NodeKind kind, int node)
    {
        ref NameNode fields = ref tree[node];
        int a = fields.A;
        int b = fields.B;
        switch (kind)
        {
            case NodeKind.Restrict:
            case NodeKind.Volatile:
            case NodeKind.Const:
                if (IsQualifiedAlready(kind))
                {
                    Print(a);
                }
                else
                {
                    PrintModified(node, a);
                }

                break;
            case NodeKind.RestrictThis:
            case NodeKind.VolatileThis:
            case NodeKind.ConstThis:
            case NodeKind.ReferenceThis:
            case NodeKind.RvalueReferenceThis:
            case NodeKind.TransactionSafe:
            case NodeKind.Noexcept:
            case NodeKind.ThrowSpecification:
            case NodeKind.VendorQualifier:
            case NodeKind.Pointer:
            case NodeKind.Complex:
            case NodeKind.Imaginary:
                PrintModified(node, a);
                break;
            case NodeKind.ExplicitObject:
                Print(a);
                break;
            case NodeKind.Reference:
            case NodeKind.RvalueReference:
                PrintReference(node, kind, a);
                break;
            case NodeKind.PointerToMember:
            case NodeKind.VectorType:
                PrintModified(node, b);
                break;
            case NodeKind.BuiltinType:
                output.Append(BuiltinTypes.At(a).Name);
                break;
            case NodeKind.FloatType:
                output.Append("_Float");
                output.Append(tree.Text(node));
                break;
            case NodeKind.BitInt:
                output.Append(b != 0 ? "unsigned _BitInt(" : "_BitInt(");
                PrintApart(a);
                output.Append(')');
                break;
            case NodeKind.VendorType:
                Print(a);
                if (b != 0)
                {
                    int held = _modifiers;
                    _modifiers = 0;
                    PrintTemplateArguments(b);
                    _modifiers = held;
                }

                break;
            case NodeKind.FunctionType:
                PrintFunctionType(node, a);
                break;
            case NodeKind.ArrayType:
                PrintArrayType(node, a, b);
                break;
            case NodeKind.ElaboratedType:
                output.Append(b switch { 's' => "struct ", 'u' => "union ", _ => "enum " });
                Print(a);
                break;
            case NodeKind.Decltype:
                output.Append("decltype (");
                PrintApart(a);
                output.Append(')');
                break;
            case NodeKind.PackExpansion:
                PrintPackExpansion(a);
                break;
            case NodeKind.ConstrainedAuto:
                PrintApart(a);
                output.Append(b != 0 ? " decltype(auto)" : " auto");
                break;
            case NodeKind.ArgumentList:
            case NodeKind.TemplateArguments:
                PrintList(node);
                break;
            case NodeKind.TemplateHead:
                PrintTemplateHead(a);
                break;
            case NodeKind.Constraint:
                PrintApart(a);
                output.Append(" requires ");
                PrintApart(b);
                break;
            default:
                _failed = true;
                break;
        }
    }

    private void PrintTemplateHead(int parameters)
    {
        output.Append('<');
        int index = 0;
        for (; parameters != 0 && !_failed; parameters = tree[parameters].B)
        {
            if (index > 0)
            {
                output.Append(", ");
            }

            PrintHeadParameter(tree[parameters].A);
            AppendNumbered(" $T", index++, "");
        }

        output.Append('>');
    }

    private void PrintHeadParameter(int parameter)
    {
        int a = tree[parameter].A;
        switch (tree.Kind(parameter))
        {
            case NodeKind.TypeParameter when a == 0:
                output.Append("typename");
                break;
            case NodeKind.ParameterPack when _depth < MaxDepth:
                _depth++;
                PrintHeadParameter(a);
                _depth--;
                output.Append("...");
                break;
            case NodeKind.TemplateTemplateParameter:
                output.Append("template");
                Print(a);
                output.Append(" class");
                break;
            default:
                PrintApart(a);
                break;
        }
    }

    /// <summary>A qualifier that an array handed down to its element may be met again there.</summary>
    private bool IsQualifiedAlready(NodeKind kind)
    {
        for (int at = _modifiers; at != 0; at = _modifierArena[at].Next)
        {
            if (!_modifierArena[at].IsPrinted)
            {
                NodeKind above = tree.Kind(_modifierArena[at].Node);
                if (above is not (NodeKind.Restrict or NodeKind.Volatile or NodeKind.Const))
                {
                    return false;
                }

                if (above == kind)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Hands a modifier down to what it modifies, and writes it behind that if nothing there has.</summary>
    private void PrintModified(int node, int inner)
    {
        int held = _modifiers;
        int heldCount = _modifierCount;
        PushModifier(node);
        int mine = _modifiers;
        Print(inner);
        if (!_modifierArena[mine].IsPrinted)
        {
            PrintModifier(node);
        }

        _modifiers = held;
        _modifierCount = heldCount;
    }

    /// <summary>A reference to a reference is one reference, and an rvalue reference only if both are.</summary>
    private void PrintReference(int node, NodeKind kind, int target)
    {
        int heldScope = _scope;
        int inner = target;
        int written = node;
        if (_lambdaDepth == 0 && tree.Kind(target) == NodeKind.TemplateParameter)
        {
            // The same node may be met again through a substitution where other arguments count: it keeps its first.
            ref int scope = ref _scopeOfReference[target];
            if (scope == 0)
            {
                scope = _scope;
            }
            else
            {
                _scope = scope;
            }

            target = ResolveElement(target);
            if (target == 0)
            {
                _scope = heldScope;
                _failed = true;
                return;
            }
        }

        NodeKind targetKind = tree.Kind(target);
        if (targetKind == NodeKind.Reference || targetKind == kind)
        {
            written = target;
            inner = tree[target].A;
        }
        else if (targetKind == NodeKind.RvalueReference)
        {
            inner = tree[target].A;
        }

        PrintModified(written, inner);
        _scope = heldScope;
    }
}
