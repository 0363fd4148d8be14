package io.dynamiccredentials.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** A data source that knows what was not closed and how connections came back, and that fails on command. */
final class ObservedDataSource {
    private final DataSource real;
    private final boolean autoCommit;
    private final int isolation;
    private final List<Object> notClosed = Collections.synchronizedList(new ArrayList<>());
    private final List<String> settingsAtClose = Collections.synchronizedList(new ArrayList<>());
    private final List<String> statements = Collections.synchronizedList(new ArrayList<>());
    private final Set<String> failing = new HashSet<>();
    private Runnable onStatement = () -> {};
    private RuntimeException refusal = new IllegalStateException("never thrown");
    private SQLException failure = new SQLException("never thrown");

    ObservedDataSource(DataSource real) {
        this(real, true, Connection.TRANSACTION_READ_COMMITTED);
    }

    /** Hands out connections with these settings. */
    ObservedDataSource(DataSource real, boolean autoCommit, int isolation) {
        this.real = real;
        this.autoCommit = autoCommit;
        this.isolation = isolation;
    }

    /** Fails in these methods of data source, connections, statements and result sets. */
    ObservedDataSource failing(SQLException failure, String... methods) {
        this.failure = failure;
        failing.addAll(Arrays.asList(methods));
        return this;
    }

    /** Fails to connect as a pool may. */
    ObservedDataSource refusing(RuntimeException refusal) {
        this.refusal = refusal;
        failing.add("refuse");
        return this;
    }

    /** Does that whenever a statement is prepared. */
    ObservedDataSource onStatement(Runnable work) {
        this.onStatement = work;
        return this;
    }

    List<Object> notClosed() {
        return notClosed;
    }

    List<String> settingsAtClose() {
        return settingsAtClose;
    }

    List<String> statements() {
        return statements;
    }

    DataSource dataSource() {
        return observed(DataSource.class, real);
    }

    private <T> T observed(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                ObservedDataSource.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    if (name.equals("getConnection") && failing.contains("refuse")) {
                        throw refusal;
                    }
                    if (failing.contains(name)) {
                        throw failure;
                    }
                    if (name.equals("close")) {
                        if (target instanceof Connection connection) {
                            settingsAtClose.add(settings(connection));
                        }
                        notClosed.remove(target);
                    }
                    if (name.equals("prepareStatement")) {
                        onStatement.run();
                        statements.add(String.valueOf(arguments[0]));
                    }
                    try {
                        return observedResult(method.invoke(target, arguments), method.getReturnType());
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private Object observedResult(Object result, Class<?> type) throws SQLException {
        if (!(result instanceof AutoCloseable)) {
            return result;
        }
        notClosed.add(result);
        if (result instanceof Connection connection) {
            connection.setTransactionIsolation(isolation);
            connection.setAutoCommit(autoCommit);
        }
        return observedAs(type, result);
    }

    private <T> T observedAs(Class<T> type, Object target) {
        return observed(type, type.cast(target));
    }

    private static String settings(Connection connection) throws SQLException {
        return connection.getAutoCommit() + " " + connection.getTransactionIsolation() + " "
                + connection.getNetworkTimeout();
    }
}
