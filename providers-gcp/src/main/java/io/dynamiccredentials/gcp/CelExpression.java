package io.dynamiccredentials.gcp;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.NullValue;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An expression in the Common Expression Language, by Google's own library. The only class that needs
 * {@code dev.cel:cel}. Immutable.
 *
 * <p>It knows what the language's definition has, and {@code extract}, {@code split}, {@code join} and
 * {@code lowerAscii}, which are documented or seen in use at Google. Whatever else is refused when it is made.
 */
final class CelExpression implements Expression {
    /** Far more than a token has values, squared. */
    private static final int MAX_ITERATIONS = 100_000;

    private static final CelStringExtensions STRINGS = CelExtensions.strings(
            CelStringExtensions.Function.SPLIT,
            CelStringExtensions.Function.JOIN,
            CelStringExtensions.Function.LOWER_ASCII);

    private final CelRuntime.Program program;

    private CelExpression(CelRuntime.Program program) {
        this.program = program;
    }

    /**
     * Returns the expression of an attribute, over the claims.
     *
     * @throws IllegalArgumentException if it is malformed, or knows a name or function that Google does not
     */
    static Expression mapping(String text) {
        return compile(environment(), text);
    }

    /**
     * Returns the condition over the claims and what is mapped, such as {@code attribute.repository}.
     *
     * @throws IllegalArgumentException if it is malformed, no truth value, or knows a name or function that Google does
     *     not
     */
    static Expression condition(String text, Set<String> mapped) {
        CelBuilder environment = environment();
        for (String attribute : mapped) {
            environment.addVar(
                    attribute,
                    attribute.equals(AttributeMapping.GROUPS) ? ListType.create(SimpleType.STRING) : SimpleType.STRING);
        }
        return compile(environment.setResultType(SimpleType.BOOL), text);
    }

    @Override
    public Object evaluate(Map<String, Object> variables) throws Unevaluable {
        try {
            Map<String, Object> values = new LinkedHashMap<>(variables);
            values.computeIfPresent(ClaimValues.CLAIMS, (name, claims) -> withNulls(claims));
            return program.eval(values);
        } catch (CelEvaluationException e) {
            // The message of the library may hold a claim, and so stays out.
            throw new Unevaluable("CEL has no value for it");
        }
    }

    private static Expression compile(CelBuilder environment, String text) {
        Cel cel = environment.build();
        try {
            CelAbstractSyntaxTree tree = cel.compile(text).getAst();
            requireLiteralPatterns(text, tree);
            return new CelExpression(cel.createProgram(tree));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalArgumentException(
                    "The expression \"" + text + "\" must be CEL as Google Cloud knows it: " + e.getMessage(), e);
        }
    }

    /** A pattern that a claim may choose could take all memory there is. */
    private static void requireLiteralPatterns(String text, CelAbstractSyntaxTree tree) {
        CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .map(CelNavigableExpr::expr)
                .filter(node -> node.exprKind().getKind() == CelExpr.ExprKind.Kind.CALL)
                .map(CelExpr::call)
                .filter(call -> call.function().equals("matches"))
                .forEach(call -> {
                    CelExpr pattern = call.args().get(call.args().size() - 1);
                    if (pattern.exprKind().getKind() != CelExpr.ExprKind.Kind.CONSTANT) {
                        throw new IllegalArgumentException("The pattern of matches must be a text in the expression \""
                                + text + "\", and nothing that is computed or of a claim");
                    }
                });
    }

    private static CelBuilder environment() {
        return CelFactory.standardCelBuilder()
                .setOptions(CelOptions.current()
                        .enableHeterogeneousNumericComparisons(true)
                        .comprehensionMaxIterations(MAX_ITERATIONS)
                        .build())
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .addVar(ClaimValues.CLAIMS, MapType.create(SimpleType.STRING, SimpleType.DYN))
                .addCompilerLibraries(STRINGS)
                .addRuntimeLibraries(STRINGS)
                .addFunctionDeclarations(CelFunctionDecl.newFunctionDeclaration(
                        "extract",
                        CelOverloadDecl.newMemberOverload(
                                "string_extract_string", SimpleType.STRING, SimpleType.STRING, SimpleType.STRING)))
                .addFunctionBindings(CelFunctionBinding.from(
                        "string_extract_string", String.class, String.class, CelExpression::extract));
    }

    private static String extract(String text, String template) throws CelEvaluationException {
        return ExtractTemplate.parse(template)
                .orElseThrow(() -> new CelEvaluationException("the template of extract needs one name in braces"))
                .apply(text);
    }

    /** Copies a value and puts CEL's own null where Java's is, which CEL takes for a value that is yet to come. */
    private static Object withNulls(@Nullable Object value) {
        if (value instanceof Map<?, ?> members) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            members.forEach((name, member) -> copy.put(name, withNulls(member)));
            return copy;
        }
        if (value instanceof List<?> elements) {
            List<Object> copy = new ArrayList<>();
            elements.forEach(element -> copy.add(withNulls(element)));
            return copy;
        }
        return value == null ? NullValue.NULL_VALUE : value;
    }
}
