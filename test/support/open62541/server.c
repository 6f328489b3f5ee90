/* A server of another stack (open62541) that tests and benchmarks of the OPC UA client run against.
 * Its line: tags Line.Tag0 … that count up together, nodes to write, a method, a value with history.
 * Its load: tags Load.Tag0 … that change in turn at a commanded rate, each change with a number of its own; see `load_tick`.
 * Commands on stdin, one a line, answered on stdout: see `command`. */
#include <open62541/plugin/accesscontrol_default.h>
#include <open62541/plugin/historydata/history_data_backend_memory.h>
#include <open62541/plugin/historydata/history_data_gathering_default.h>
#include <open62541/plugin/historydata/history_database_default.h>
#include <open62541/plugin/log_stdout.h>
#include <open62541/plugin/pki_default.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile UA_Boolean running = true;
static bool counting = true;
static UA_UInt32 counted = 0;
static int tags = 10;
static UA_Server *server = NULL;

static void stop(int signal) { (void)signal; running = false; }

static UA_NodeId node_id(const char *name) { return UA_NODEID_STRING(1, (char *)name); }

static void set_value(const char *name, const void *value, const UA_DataType *type, UA_StatusCode status, UA_Int64 shift_ms) {
    UA_DataValue data;
    UA_DataValue_init(&data);
    UA_Variant_setScalar(&data.value, (void *)value, type);
    data.hasValue = true;
    data.hasStatus = true;
    data.status = status;
    data.hasSourceTimestamp = true;
    data.sourceTimestamp = UA_DateTime_now() + shift_ms * UA_DATETIME_MSEC;
    UA_Server_writeDataValue(server, node_id(name), data);
}

static void tick(UA_Server *s, void *context) {
    (void)s; (void)context;
    if (!counting) return;
    counted++;
    char name[32];
    for (int i = 0; i < tags; i++) {
        snprintf(name, sizeof name, "Line.Tag%d", i);
        set_value(name, &counted, &UA_TYPES[UA_TYPES_UINT32], UA_STATUSCODE_GOOD, 0);
    }
    set_value("Line.Kept", &counted, &UA_TYPES[UA_TYPES_UINT32], UA_STATUSCODE_GOOD, 0);
}

/* Change g of all is the next value of tag g modulo load_tags. Every tenth value of a tag lies above LOAD_DUE, so that a limit
 * there is crossed by one change in ten, spread evenly. `g ms` after each turn goes to a file: what was made, and when. */
#define LOAD_DUE 2000000000u
#define LOAD_TICK_MS 10
static int load_tags = 0;
static UA_UInt32 loaded = 0;
static double load_rate = 0, load_owed = 0;
static UA_DateTime load_last = 0;
static FILE *load_log = NULL;

static void load_tick(UA_Server *s, void *context) {
    (void)s; (void)context;
    UA_DateTime now = UA_DateTime_nowMonotonic();
    /* a server that was held up makes up for it, in portions */
    load_owed += load_rate * (double)(now - load_last) / UA_DATETIME_SEC;
    load_last = now;
    char name[32];
    int most = load_tags;
    if (load_owed < 1 || load_tags == 0) return;
    for (; load_owed >= 1 && most > 0; load_owed--, most--) {
        UA_UInt32 tag = loaded % (UA_UInt32)load_tags, turn = loaded / (UA_UInt32)load_tags;
        UA_UInt32 value = loaded + ((turn + tag) % 10 == 0 ? LOAD_DUE : 0);
        snprintf(name, sizeof name, "Load.Tag%u", tag);
        set_value(name, &value, &UA_TYPES[UA_TYPES_UINT32], UA_STATUSCODE_GOOD, 0);
        loaded++;
    }
    if (load_log != NULL) {
        fprintf(load_log, "%u %lld\n", loaded, (long long)((UA_DateTime_now() - UA_DATETIME_UNIX_EPOCH) / UA_DATETIME_MSEC));
        fflush(load_log);
    }
}

static UA_NodeId add_variable(const char *name, const void *value, const UA_DataType *type, UA_Byte access, bool historizing) {
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    UA_Variant_setScalar(&attributes.value, (void *)value, type);
    attributes.displayName = UA_LOCALIZEDTEXT("en-US", (char *)(strrchr(name, '.') + 1));
    /* BaseDataType lets `retype` change it while it runs, as a careless PLC program does */
    attributes.dataType = strcmp(name, "Line.Loose") == 0 ? UA_TYPES[UA_TYPES_VARIANT].typeId : type->typeId;
    attributes.accessLevel = access;
    attributes.historizing = historizing;
    UA_Server_addVariableNode(server, node_id(name), node_id(strncmp(name, "Load.", 5) == 0 ? "Load" : "Line"), UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT),
                              UA_QUALIFIEDNAME(1, (char *)(strrchr(name, '.') + 1)), UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE), attributes, NULL, NULL);
    return node_id(name);
}

static UA_StatusCode twice(UA_Server *s, const UA_NodeId *session, void *session_context, const UA_NodeId *method, void *method_context,
                           const UA_NodeId *object, void *object_context, size_t inputs, const UA_Variant *input, size_t outputs, UA_Variant *output) {
    (void)s; (void)session; (void)session_context; (void)method; (void)method_context; (void)object; (void)object_context;
    if (inputs != 1 || outputs != 1) return UA_STATUSCODE_BADARGUMENTSMISSING;
    UA_UInt32 result = *(UA_UInt32 *)input[0].data * 2;
    printf("called %u\n", *(UA_UInt32 *)input[0].data);
    return UA_Variant_setScalarCopy(output, &result, &UA_TYPES[UA_TYPES_UINT32]);
}

static void add_line(UA_HistoryDataGathering *gathering) {
    const UA_Byte read = UA_ACCESSLEVELMASK_READ, write = UA_ACCESSLEVELMASK_READ | UA_ACCESSLEVELMASK_WRITE;
    UA_ObjectAttributes folder = UA_ObjectAttributes_default;
    folder.displayName = UA_LOCALIZEDTEXT("en-US", "Line");
    UA_Server_addObjectNode(server, node_id("Line"), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER), UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES),
                            UA_QUALIFIEDNAME(1, "Line"), UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE), folder, NULL, NULL);
    UA_UInt32 zero = 0;
    UA_Double speed = 1.5;
    UA_Boolean off = false;
    UA_Int16 target = 0;
    UA_String name = UA_STRING("");
    char tag[32];
    for (int i = 0; i < tags; i++) {
        snprintf(tag, sizeof tag, "Line.Tag%d", i);
        add_variable(tag, &zero, &UA_TYPES[UA_TYPES_UINT32], read, false);
    }
    add_variable("Line.Speed", &speed, &UA_TYPES[UA_TYPES_DOUBLE], write, false);
    add_variable("Line.Running", &off, &UA_TYPES[UA_TYPES_BOOLEAN], write, false);
    add_variable("Line.Target", &target, &UA_TYPES[UA_TYPES_INT16], write, false);
    add_variable("Line.Name", &name, &UA_TYPES[UA_TYPES_STRING], write, false);
    add_variable("Line.Fixed", &zero, &UA_TYPES[UA_TYPES_UINT32], read, false);
    add_variable("Line.Loose", &speed, &UA_TYPES[UA_TYPES_DOUBLE], write, false);
    add_variable("Line.Handshake", &zero, &UA_TYPES[UA_TYPES_UINT32], read, false);
    add_variable("Line.HandlingUnit", &name, &UA_TYPES[UA_TYPES_STRING], write, false);
    add_variable("Line.Position", &name, &UA_TYPES[UA_TYPES_STRING], write, false);
    add_variable("Line.Acknowledged", &zero, &UA_TYPES[UA_TYPES_UINT32], write, false);

    UA_NodeId kept = add_variable("Line.Kept", &zero, &UA_TYPES[UA_TYPES_UINT32], read | UA_ACCESSLEVELMASK_HISTORYREAD, true);
    UA_HistorizingNodeIdSettings settings;
    memset(&settings, 0, sizeof settings);
    settings.historizingBackend = UA_HistoryDataBackend_Memory(1, 200000);
    settings.maxHistoryDataResponseSize = 1000;
    settings.historizingUpdateStrategy = UA_HISTORIZINGUPDATESTRATEGY_VALUESET;
    gathering->registerNodeId(server, gathering->context, &kept, settings);

    UA_Argument number;
    UA_Argument_init(&number);
    number.name = UA_STRING("Number");
    number.dataType = UA_TYPES[UA_TYPES_UINT32].typeId;
    number.valueRank = UA_VALUERANK_SCALAR;
    UA_MethodAttributes method = UA_MethodAttributes_default;
    method.displayName = UA_LOCALIZEDTEXT("en-US", "Twice");
    method.executable = true;
    method.userExecutable = true;
    UA_Server_addMethodNode(server, node_id("Line.Twice"), node_id("Line"), UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT),
                            UA_QUALIFIEDNAME(1, "Twice"), method, &twice, 1, &number, 1, &number, NULL, NULL);
}

static void add_load(void) {
    UA_ObjectAttributes folder = UA_ObjectAttributes_default;
    folder.displayName = UA_LOCALIZEDTEXT("en-US", "Load");
    UA_Server_addObjectNode(server, node_id("Load"), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER), UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES),
                            UA_QUALIFIEDNAME(1, "Load"), UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE), folder, NULL, NULL);
    UA_UInt32 zero = 0;
    char tag[32];
    for (int i = 0; i < load_tags; i++) {
        snprintf(tag, sizeof tag, "Load.Tag%d", i);
        add_variable(tag, &zero, &UA_TYPES[UA_TYPES_UINT32], UA_ACCESSLEVELMASK_READ, false);
    }
}

static UA_UInt32 diagnostic(UA_UInt32 id) {
    UA_Variant value;
    UA_Variant_init(&value);
    UA_UInt32 found = 0;
    if (UA_Server_readValue(server, UA_NODEID_NUMERIC(0, id), &value) == UA_STATUSCODE_GOOD && UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_UINT32])) found = *(UA_UInt32 *)value.data;
    UA_Variant_clear(&value);
    return found;
}

/* pause · resume · counts · counted · load <changes per second> · loaded · speed <double|nan> · running <0|1> · bad · future <ms> · retype ·
 * telegram <sequence> <handling unit> <position> · quit */
static void command(char *line) {
    char unit[64], position[64];
    unsigned sequence;
    long ms;
    double rate;
    if (strcmp(line, "pause") == 0) counting = false;
    else if (strcmp(line, "resume") == 0) counting = true;
    else if (strcmp(line, "counts") == 0) { printf("sessions %u subscriptions %u\n", diagnostic(UA_NS0ID_SERVER_SERVERDIAGNOSTICS_SERVERDIAGNOSTICSSUMMARY_CURRENTSESSIONCOUNT), diagnostic(UA_NS0ID_SERVER_SERVERDIAGNOSTICS_SERVERDIAGNOSTICSSUMMARY_CURRENTSUBSCRIPTIONCOUNT)); return; }
    else if (strcmp(line, "counted") == 0) { printf("counted %u\n", counted); return; }
    else if (strcmp(line, "loaded") == 0) { printf("counted %u\n", loaded); return; }
    else if (sscanf(line, "load %lf", &rate) == 1) { load_rate = rate; load_owed = 0; load_last = UA_DateTime_nowMonotonic(); }
    else if (strncmp(line, "speed ", 6) == 0) { UA_Double value = strcmp(line + 6, "nan") == 0 ? NAN : atof(line + 6); set_value("Line.Speed", &value, &UA_TYPES[UA_TYPES_DOUBLE], UA_STATUSCODE_GOOD, 0); }
    else if (strncmp(line, "running ", 8) == 0) { UA_Boolean value = line[8] == '1'; set_value("Line.Running", &value, &UA_TYPES[UA_TYPES_BOOLEAN], UA_STATUSCODE_GOOD, 0); }
    else if (strcmp(line, "bad") == 0) { UA_Double value = 0; set_value("Line.Speed", &value, &UA_TYPES[UA_TYPES_DOUBLE], UA_STATUSCODE_BADSENSORFAILURE, 0); }
    else if (sscanf(line, "future %ld", &ms) == 1) { UA_Double value = 9; set_value("Line.Speed", &value, &UA_TYPES[UA_TYPES_DOUBLE], UA_STATUSCODE_GOOD, ms); }
    else if (strcmp(line, "retype") == 0) { UA_String value = UA_STRING("no number any more"); set_value("Line.Loose", &value, &UA_TYPES[UA_TYPES_STRING], UA_STATUSCODE_GOOD, 0); }
    else if (sscanf(line, "telegram %u %63s %63s", &sequence, unit, position) == 3) {
        UA_String text = UA_STRING(unit), place = UA_STRING(position);
        UA_UInt32 number = sequence;
        set_value("Line.HandlingUnit", &text, &UA_TYPES[UA_TYPES_STRING], UA_STATUSCODE_GOOD, 0);
        set_value("Line.Position", &place, &UA_TYPES[UA_TYPES_STRING], UA_STATUSCODE_GOOD, 0);
        set_value("Line.Handshake", &number, &UA_TYPES[UA_TYPES_UINT32], UA_STATUSCODE_GOOD, 0);
    }
    else if (strcmp(line, "quit") == 0) running = false;
    else { printf("unknown %s\n", line); return; }
    printf("done %s\n", line);
}

static void commands(UA_Server *s, void *context) {
    (void)s; (void)context;
    static char buffer[256];
    static size_t filled = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, buffer + filled, sizeof buffer - 1 - filled);
        if (got == 0) { running = false; return; } /* whoever started it is gone */
        if (got < 0) return;
        filled += (size_t)got;
        buffer[filled] = 0;
        char *end;
        while ((end = strchr(buffer, '\n')) != NULL) {
            *end = 0;
            command(buffer);
            fflush(stdout);
            filled -= (size_t)(end + 1 - buffer);
            memmove(buffer, end + 1, filled + 1);
        }
        if (filled == sizeof buffer - 1) filled = 0;
    }
}

static UA_ByteString file(const char *path) {
    UA_ByteString content = UA_BYTESTRING_NULL;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) { fprintf(stderr, "cannot read %s\n", path); exit(2); }
    fseek(stream, 0, SEEK_END);
    long size = ftell(stream);
    rewind(stream);
    UA_ByteString_allocBuffer(&content, (size_t)size);
    if (fread(content.data, 1, (size_t)size, stream) != (size_t)size) { fprintf(stderr, "cannot read %s\n", path); exit(2); }
    fclose(stream);
    return content;
}

int main(int argc, char **argv) {
    int port = 4840, every_ms = 100, queue = 0;
    double sampling = -1;
    const char *certificate = NULL, *key = NULL, *uri = "urn:waybill:test:open62541", *trust = NULL;
    bool anonymous = true, only_secure = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--no-anonymous") == 0) { anonymous = false; continue; }
        if (strcmp(argv[i], "--only-secure") == 0) { only_secure = true; continue; }
        if (i + 1 >= argc) { fprintf(stderr, "%s needs a value\n", argv[i]); return 2; }
        const char *name = argv[i], *value = argv[++i];
        if (strcmp(name, "--port") == 0) port = atoi(value);
        else if (strcmp(name, "--tags") == 0) tags = atoi(value);
        else if (strcmp(name, "--every-ms") == 0) every_ms = atoi(value);
        else if (strcmp(name, "--load-tags") == 0) load_tags = atoi(value);
        else if (strcmp(name, "--load-from") == 0) loaded = (UA_UInt32)strtoul(value, NULL, 10);
        else if (strcmp(name, "--load-log") == 0) { if ((load_log = fopen(value, "a")) == NULL) { fprintf(stderr, "cannot write %s\n", value); return 2; } }
        else if (strcmp(name, "--queue-limit") == 0) queue = atoi(value);
        else if (strcmp(name, "--least-sampling-ms") == 0) sampling = atof(value);
        else if (strcmp(name, "--certificate") == 0) certificate = value;
        else if (strcmp(name, "--key") == 0) key = value;
        else if (strcmp(name, "--trust") == 0) trust = value;
        else if (strcmp(name, "--uri") == 0) uri = value;
        else { fprintf(stderr, "unknown option %s\n", name); return 2; }
    }
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);

    UA_ServerConfig config;
    memset(&config, 0, sizeof config);
    config.logging = UA_Log_Stdout_new(UA_LOGLEVEL_WARNING);
    UA_StatusCode made;
    if (certificate != NULL && key != NULL) {
        UA_ByteString own = file(certificate), secret = file(key), trusted = trust == NULL ? UA_BYTESTRING_NULL : file(trust);
        made = only_secure ? UA_ServerConfig_setDefaultWithSecureSecurityPolicies(&config, (UA_UInt16)port, &own, &secret, &trusted, trust == NULL ? 0 : 1, NULL, 0, NULL, 0)
                           : UA_ServerConfig_setDefaultWithSecurityPolicies(&config, (UA_UInt16)port, &own, &secret, &trusted, trust == NULL ? 0 : 1, NULL, 0, NULL, 0);
        if (trust == NULL) {
            config.secureChannelPKI.clear(&config.secureChannelPKI);
            UA_CertificateVerification_AcceptAll(&config.secureChannelPKI);
            config.sessionPKI.clear(&config.sessionPKI);
            UA_CertificateVerification_AcceptAll(&config.sessionPKI);
        }
    } else made = UA_ServerConfig_setMinimal(&config, (UA_UInt16)port, NULL);
    if (made != UA_STATUSCODE_GOOD) { fprintf(stderr, "cannot be configured: %s\n", UA_StatusCode_name(made)); return 1; }
    UA_String_clear(&config.applicationDescription.applicationUri);
    config.applicationDescription.applicationUri = UA_String_fromChars(uri);
    for (size_t i = 0; i < config.endpointsSize; i++) {
        UA_String_clear(&config.endpoints[i].server.applicationUri);
        config.endpoints[i].server.applicationUri = UA_String_fromChars(uri);
    }
    /* loopback only */
    UA_Array_delete(config.serverUrls, config.serverUrlsSize, &UA_TYPES[UA_TYPES_STRING]);
    char url[64];
    snprintf(url, sizeof url, "opc.tcp://127.0.0.1:%d", port);
    config.serverUrls = UA_String_new();
    config.serverUrls[0] = UA_String_fromChars(url);
    config.serverUrlsSize = 1;
    if (queue > 0) config.queueSizeLimits.max = (UA_UInt32)queue; else config.queueSizeLimits.max = 100000;
    if (sampling >= 0) config.samplingIntervalLimits.min = sampling;
    config.maxSubscriptions = 100;
    config.publishingIntervalLimits.min = 10;

    UA_UsernamePasswordLogin login = { UA_STRING("operator"), UA_STRING("line 4 secret") };
    UA_ByteString policy = config.securityPolicies[config.securityPoliciesSize - 1].policyUri;
    UA_AccessControl_default(&config, anonymous, &policy, 1, &login);
    UA_HistoryDataGathering gathering = UA_HistoryDataGathering_Default(1);
    config.historyDatabase = UA_HistoryDatabase_default(gathering);

    server = UA_Server_newWithConfig(&config);
    if (server == NULL) { fprintf(stderr, "cannot be made\n"); return 1; }
    add_line(&gathering);
    if (load_tags > 0) add_load();
    UA_Server_addRepeatedCallback(server, tick, NULL, every_ms, NULL);
    if (load_tags > 0) UA_Server_addRepeatedCallback(server, load_tick, NULL, LOAD_TICK_MS, NULL);
    UA_Server_addRepeatedCallback(server, commands, NULL, 5, NULL);
    made = UA_Server_run_startup(server);
    if (made != UA_STATUSCODE_GOOD) { fprintf(stderr, "cannot start: %s\n", UA_StatusCode_name(made)); return 1; }
    printf("listening %d\n", port);
    fflush(stdout);
    while (running) UA_Server_run_iterate(server, true);
    UA_Server_run_shutdown(server);
    UA_Server_delete(server);
    return 0;
}
