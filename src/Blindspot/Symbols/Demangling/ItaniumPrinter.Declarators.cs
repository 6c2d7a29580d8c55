namespace Blindspot.Symbols.Demangling;

/// <content>Functions and arrays, which write the modifiers around them in their middle, and those modifiers.</content>
internal sealed partial class ItaniumPrinter
{
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
