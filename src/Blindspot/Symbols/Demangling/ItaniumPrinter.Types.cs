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

    /// <summary>The return type comes first and takes the function along as its modifier.</summary>
    private void PrintFunctionType(int node, int result)
    {
        if (result != 0)
        {
            int held = _modifiers;
            int heldCount = _modifierCount;
            PushModifier(node);
            int mine = _modifiers;
            Print(result);
            _modifiers = held;
            bool isPrinted = _modifierArena[mine].IsPrinted;
            _modifierCount = heldCount;
            if (isPrinted)
            {
                return;
            }

            output.Append(' ');
        }

        PrintFunctionDeclarator(node, _modifiers);
    }

    /// <summary>(modifiers)(parameters) qualifiers.</summary>
    private void PrintFunctionDeclarator(int function, int modifiers)
    {
        bool needsParentheses = false;
        bool needsSpace = false;
        for (int at = modifiers; at != 0 && !needsParentheses && !_modifierArena[at].IsPrinted; at = _modifierArena[at].Next)
        {
            switch (tree.Kind(_modifierArena[at].Node))
            {
                case NodeKind.Pointer:
                case NodeKind.Reference:
                case NodeKind.RvalueReference:
                    needsParentheses = true;
                    break;
                case NodeKind.Restrict:
                case NodeKind.Volatile:
                case NodeKind.Const:
                case NodeKind.VendorQualifier:
                case NodeKind.Complex:
                case NodeKind.Imaginary:
                case NodeKind.PointerToMember:
                    needsParentheses = true;
                    needsSpace = true;
                    break;
            }
        }

        if (needsParentheses)
        {
            needsSpace = needsSpace || output.Last is not ('(' or '*');
            if (needsSpace && output.Last != ' ')
            {
                output.Append(' ');
            }

            output.Append('(');
        }

        int held = _modifiers;
        _modifiers = 0;
        PrintModifiers(modifiers, false);
        if (needsParentheses)
        {
            output.Append(')');
        }

        output.Append('(');
        PrintList(tree[function].B);
        output.Append(')');
        PrintModifiers(modifiers, true);
        _modifiers = held;
    }

    /// <summary>A qualified array is an array of qualified elements, so its qualifiers go down to the element.</summary>
    private void PrintArrayType(int node, int dimension, int element)
    {
        int held = _modifiers;
        int heldCount = _modifierCount;
        PushModifier(node);
        int mine = _modifiers;
        for (int at = held; at != 0 && tree.Kind(_modifierArena[at].Node) is NodeKind.Restrict or NodeKind.Volatile or NodeKind.Const; at = _modifierArena[at].Next)
        {
            if (!_modifierArena[at].IsPrinted)
            {
                PushModifier(_modifierArena[at].Node);
                _modifierArena[_modifiers].Scope = _modifierArena[at].Scope;
                _modifierArena[at].IsPrinted = true;
            }
        }

        int handedDown = _modifiers;
        Print(element);
        _modifiers = held;
        if (!_modifierArena[mine].IsPrinted)
        {
            for (int at = handedDown; at != mine; at = _modifierArena[at].Next)
            {
                PrintModifier(_modifierArena[at].Node);
            }

            PrintArrayDeclarator(dimension, _modifiers);
        }

        _modifierCount = heldCount;
    }

    private void PrintArrayDeclarator(int dimension, int modifiers)
    {
        int next = modifiers;
        while (next != 0 && _modifierArena[next].IsPrinted)
        {
            next = _modifierArena[next].Next;
        }

        // Dimensions of an array of arrays stand side by side.
        bool isInArray = next != 0 && tree.Kind(_modifierArena[next].Node) == NodeKind.ArrayType;
        bool needsParentheses = next != 0 && !isInArray;
        if (needsParentheses)
        {
            output.Append(" (");
        }

        PrintModifiers(modifiers, false);
        if (needsParentheses)
        {
            output.Append(')');
        }

        if (!isInArray)
        {
            output.Append(' ');
        }

        output.Append('[');
        if (dimension != 0)
        {
            PrintApart(dimension);
        }

        output.Append(']');
    }

    /// <summary>Writes the modifiers nobody has written; function qualifiers only in the suffix, behind the parameters.</summary>
    private void PrintModifiers(int modifiers, bool isSuffix)
    {
        for (int at = modifiers; at != 0 && !_failed && !output.IsFull; at = _modifierArena[at].Next)
        {
            ref Modifier modifier = ref _modifierArena[at];
            int node = modifier.Node;
            if (modifier.IsPrinted || (!isSuffix && tree.IsFunctionQualifier(node)))
            {
                continue;
            }

            modifier.IsPrinted = true;
            int next = modifier.Next;
            int heldScope = _scope;
            _scope = modifier.Scope;
            NodeKind kind = tree.Kind(node);
            if (kind is NodeKind.FunctionType or NodeKind.ArrayType)
            {
                // These write the rest of the list in their own middle.
                if (kind == NodeKind.FunctionType)
                {
                    PrintFunctionDeclarator(node, next);
                }
                else
                {
                    PrintArrayDeclarator(tree[node].A, next);
                }

                _scope = heldScope;
                return;
            }

            if (kind == NodeKind.LocalName)
            {
                PrintLocalDeclared(node);
            }
            else
            {
                PrintModifier(node);
            }

            _scope = heldScope;
            if (kind == NodeKind.LocalName)
            {
                return;
            }
        }
    }

    /// <summary>A local name whose entity's qualifiers are on the list of modifiers already.</summary>
    private void PrintLocalDeclared(int node)
    {
        PrintApart(tree[node].A);
        output.Append("::");
        int entity = tree[node].B;
        if (tree.Kind(entity) == NodeKind.DefaultArgument)
        {
            AppendNumbered("{default arg#", tree[entity].B, "}::");
            entity = tree[entity].A;
        }

        PrintApart(WithoutFunctionQualifiers(entity));
    }

    private void PrintModifier(int node)
    {
        int b = tree[node].B;
        switch (tree.Kind(node))
        {
            case NodeKind.Restrict or NodeKind.RestrictThis:
                output.Append(" restrict");
                break;
            case NodeKind.Volatile or NodeKind.VolatileThis:
                output.Append(" volatile");
                break;
            case NodeKind.Const or NodeKind.ConstThis:
                output.Append(" const");
                break;
            case NodeKind.TransactionSafe:
                output.Append(" transaction_safe");
                break;
            case NodeKind.Noexcept:
                output.Append(" noexcept");
                if (b != 0)
                {
                    output.Append('(');
                    PrintApart(b);
                    output.Append(')');
                }

                break;
            case NodeKind.ThrowSpecification:
                output.Append(" throw(");
                PrintList(b);
                output.Append(')');
                break;
            case NodeKind.VendorQualifier:
                output.Append(' ');
                Print(b);
                break;
            case NodeKind.Pointer:
                output.Append('*');
                break;
            case NodeKind.ReferenceThis:
                output.Append(" &");
                break;
            case NodeKind.Reference:
                output.Append('&');
                break;
            case NodeKind.RvalueReferenceThis:
                output.Append(" &&");
                break;
            case NodeKind.RvalueReference:
                output.Append("&&");
                break;
            case NodeKind.Complex:
                output.Append(" _Complex");
                break;
            case NodeKind.Imaginary:
                output.Append(" _Imaginary");
                break;
            case NodeKind.PointerToMember:
                if (output.Last != '(')
                {
                    output.Append(' ');
                }

                PrintApart(tree[node].A);
                output.Append("::*");
                break;
            case NodeKind.VectorType:
                output.Append(" __vector(");
                PrintApart(tree[node].A);
                output.Append(')');
                break;
            case NodeKind.ExplicitObject:
                break;
            default:
                Print(node);
                break;
        }
    }
}
