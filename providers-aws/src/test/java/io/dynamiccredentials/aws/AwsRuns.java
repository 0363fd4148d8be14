package io.dynamiccredentials.aws;

import io.dynamiccredentials.config.Configuration;
import io.dynamiccredentials.config.TerraformVariables;
import io.dynamiccredentials.workload.Claims;
import io.dynamiccredentials.workload.Phase;
import io.dynamiccredentials.workload.TerraformRun;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A run and its variables. The own ones go without {@value #OWN}. */
final class AwsRuns {
    static final String OWN = "DYNAMIC_CREDENTIALS_AWS_";
    static final String CHAINED = "arn:aws:iam::210987654321:role/target";

    private AwsRuns() {}

    static Configuration<?> configure(AwsProvider provider, Map<String, String> own) {
        return read(provider, variables(own));
    }

    static Configuration<?> read(AwsProvider provider, Map<String, String> variables) {
        TerraformRun run = run(Claims.builder().text("team", "blue").build());
        return TerraformVariables.read(variables, run, List.of(provider)).get(0);
    }

    static TerraformRun run(Claims claims) {
        return TerraformRun.builder("acme", "shop", "prod", "run-1")
                .phase(Phase.PLAN)
                .claims(claims)
                .build();
    }

    static Map<String, String> variables(Map<String, String> own) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("TFC_AWS_PROVIDER_AUTH", "true");
        variables.put("TFC_AWS_RUN_ROLE_ARN", Sts.ROLE);
        own.forEach((name, value) -> variables.put(OWN + name, value));
        return variables;
    }
}
