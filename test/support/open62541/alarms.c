/* A server of another stack (open62541) with alarms and conditions (OPC UA Part 9): a line with a jam and a temperature
 * alarm, events of a type of its own, and plain ones. Commands on stdin, one a line, answered on stdout: see `command`. */
#include <open62541/plugin/log_stdout.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile UA_Boolean running = true;
static UA_Server *server = NULL;
static UA_NodeId line_id, pallet_type;
static struct { const char *name; UA_NodeId id; } alarms[] = { { "Jam", { 0 } }, { "Hot", { 0 } } };
#define ALARMS (sizeof alarms / sizeof alarms[0])

static void stop(int signal) { (void)signal; running = false; }

static void check(UA_StatusCode status, const char *what) {
    if (status != UA_STATUSCODE_GOOD) fprintf(stderr, "%s: %s\n", what, UA_StatusCode_name(status));
}

static void set_field(UA_NodeId alarm, const char *name, const void *value, const UA_DataType *type) {
    UA_Variant variant;
    UA_Variant_setScalar(&variant, (void *)value, type);
    check(UA_Server_setConditionField(server, alarm, &variant, UA_QUALIFIEDNAME(0, (char *)name)), name);
}

static void set_state(UA_NodeId alarm, const char *name, UA_Boolean value) {
    UA_Variant variant;
    UA_Variant_setScalar(&variant, &value, &UA_TYPES[UA_TYPES_BOOLEAN]);
    check(UA_Server_setConditionVariableFieldProperty(server, alarm, &variant, UA_QUALIFIEDNAME(0, (char *)name), UA_QUALIFIEDNAME(0, "Id")), name);
}

static bool get_state(UA_NodeId alarm, const char *name) {
    UA_QualifiedName path[2] = { UA_QUALIFIEDNAME(0, (char *)name), UA_QUALIFIEDNAME(0, "Id") };
    UA_BrowsePathResult found = UA_Server_browseSimplifiedBrowsePath(server, alarm, strcmp(name, "Retain") == 0 ? 1 : 2, path);
    bool is = false;
    if (found.statusCode == UA_STATUSCODE_GOOD && found.targetsSize > 0) {
        UA_Variant value;
        UA_Variant_init(&value);
        if (UA_Server_readValue(server, found.targets[0].targetId.nodeId, &value) == UA_STATUSCODE_GOOD && UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_BOOLEAN])) is = *(UA_Boolean *)value.data;
        UA_Variant_clear(&value);
    }
    UA_BrowsePathResult_clear(&found);
    return is;
}

static void trigger(UA_NodeId alarm) {
    UA_DateTime now = UA_DateTime_now();
    check(UA_Server_writeObjectProperty_scalar(server, alarm, UA_QUALIFIEDNAME(0, "Time"), &now, &UA_TYPES[UA_TYPES_DATETIME]), "Time");
    check(UA_Server_triggerConditionEvent(server, alarm, line_id, NULL), "trigger");
}

static void add_line(void) {
    UA_ObjectAttributes attributes = UA_ObjectAttributes_default;
    attributes.displayName = UA_LOCALIZEDTEXT("en-US", "Line");
    attributes.eventNotifier = 1;
    line_id = UA_NODEID_STRING(1, "Line");
    check(UA_Server_addObjectNode(server, line_id, UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER), UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES),
                                  UA_QUALIFIEDNAME(1, "Line"), UA_NODEID_NUMERIC(0, UA_NS0ID_BASEOBJECTTYPE), attributes, NULL, NULL), "Line");
    check(UA_Server_addReference(server, UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER), UA_NODEID_NUMERIC(0, UA_NS0ID_HASNOTIFIER), UA_EXPANDEDNODEID_STRING(1, "Line"), true), "notifier");
    for (size_t i = 0; i < ALARMS; i++) {
        char name[64];
        snprintf(name, sizeof name, "Line.%s", alarms[i].name);
        check(UA_Server_createCondition(server, UA_NODEID_STRING(1, name), UA_NODEID_NUMERIC(0, UA_NS0ID_OFFNORMALALARMTYPE), UA_QUALIFIEDNAME(1, (char *)alarms[i].name), line_id,
                                        UA_NODEID_NUMERIC(0, UA_NS0ID_HASCOMPONENT), &alarms[i].id), alarms[i].name);
        set_state(alarms[i].id, "EnabledState", true);
    }
    UA_ObjectTypeAttributes type = UA_ObjectTypeAttributes_default;
    type.displayName = UA_LOCALIZEDTEXT("en-US", "PalletEventType");
    pallet_type = UA_NODEID_STRING(1, "PalletEventType");
    check(UA_Server_addObjectTypeNode(server, pallet_type, UA_NODEID_NUMERIC(0, UA_NS0ID_BASEEVENTTYPE), UA_NODEID_NUMERIC(0, UA_NS0ID_HASSUBTYPE), UA_QUALIFIEDNAME(1, "PalletEventType"), type, NULL, NULL), "type");
    UA_VariableAttributes unit = UA_VariableAttributes_default;
    UA_String empty = UA_STRING("");
    UA_Variant_setScalar(&unit.value, &empty, &UA_TYPES[UA_TYPES_STRING]);
    unit.dataType = UA_TYPES[UA_TYPES_STRING].typeId;
    unit.valueRank = UA_VALUERANK_SCALAR;
    UA_NodeId property = UA_NODEID_STRING(1, "PalletEventType.HandlingUnit");
    check(UA_Server_addVariableNode(server, property, pallet_type, UA_NODEID_NUMERIC(0, UA_NS0ID_HASPROPERTY), UA_QUALIFIEDNAME(1, "HandlingUnit"), UA_NODEID_NUMERIC(0, UA_NS0ID_PROPERTYTYPE), unit, NULL, NULL), "property");
    check(UA_Server_addReference(server, property, UA_NODEID_NUMERIC(0, UA_NS0ID_HASMODELLINGRULE), UA_EXPANDEDNODEID_NUMERIC(0, UA_NS0ID_MODELLINGRULE_MANDATORY), true), "rule");
}

static void raise_event(UA_NodeId type, int severity, const char *message, const char *unit) {
    UA_NodeId event;
    UA_StatusCode made = UA_Server_createEvent(server, type, &event);
    if (made != UA_STATUSCODE_GOOD) { check(made, "event"); return; }
    UA_DateTime now = UA_DateTime_now();
    UA_UInt16 level = (UA_UInt16)severity;
    UA_LocalizedText text = UA_LOCALIZEDTEXT("en-US", (char *)message);
    UA_String name = UA_STRING("Line"), carried = UA_STRING((char *)unit);
    UA_Server_writeObjectProperty_scalar(server, event, UA_QUALIFIEDNAME(0, "Time"), &now, &UA_TYPES[UA_TYPES_DATETIME]);
    UA_Server_writeObjectProperty_scalar(server, event, UA_QUALIFIEDNAME(0, "Severity"), &level, &UA_TYPES[UA_TYPES_UINT16]);
    UA_Server_writeObjectProperty_scalar(server, event, UA_QUALIFIEDNAME(0, "Message"), &text, &UA_TYPES[UA_TYPES_LOCALIZEDTEXT]);
    UA_Server_writeObjectProperty_scalar(server, event, UA_QUALIFIEDNAME(0, "SourceName"), &name, &UA_TYPES[UA_TYPES_STRING]);
    if (*unit != 0) UA_Server_writeObjectProperty_scalar(server, event, UA_QUALIFIEDNAME(1, "HandlingUnit"), &carried, &UA_TYPES[UA_TYPES_STRING]);
    check(UA_Server_triggerEvent(server, event, line_id, NULL, true), "trigger");
}

static UA_UInt32 diagnostic(UA_UInt32 id) {
    UA_Variant value;
    UA_Variant_init(&value);
    UA_UInt32 found = 0;
    if (UA_Server_readValue(server, UA_NODEID_NUMERIC(0, id), &value) == UA_STATUSCODE_GOOD && UA_Variant_hasScalarType(&value, &UA_TYPES[UA_TYPES_UINT32])) found = *(UA_UInt32 *)value.data;
    UA_Variant_clear(&value);
    return found;
}

static UA_NodeId *alarm_named(const char *name) {
    for (size_t i = 0; i < ALARMS; i++) if (strcmp(alarms[i].name, name) == 0) return &alarms[i].id;
    return NULL;
}

/* active <alarm> <severity> · severity <alarm> <severity> · inactive <alarm> · normal <alarm> (inactive, of no interest) · state <alarm> ·
 * event <severity> <text> · pallet <severity> <unit> · counts · quit */
static void command(char *line) {
    char name[64], text[128];
    unsigned severity;
    UA_NodeId *alarm;
    if (sscanf(line, "active %63s %u", name, &severity) == 2 && (alarm = alarm_named(name)) != NULL) {
        UA_UInt16 level = (UA_UInt16)severity;
        UA_Boolean yes = true;
        UA_LocalizedText message = UA_LOCALIZEDTEXT("en-US", name);
        set_field(*alarm, "Severity", &level, &UA_TYPES[UA_TYPES_UINT16]);
        set_field(*alarm, "Message", &message, &UA_TYPES[UA_TYPES_LOCALIZEDTEXT]);
        set_field(*alarm, "Retain", &yes, &UA_TYPES[UA_TYPES_BOOLEAN]);
        set_state(*alarm, "AckedState", false);
        set_state(*alarm, "ConfirmedState", false);
        UA_DateTime now = UA_DateTime_now();
        check(UA_Server_writeObjectProperty_scalar(server, *alarm, UA_QUALIFIEDNAME(0, "Time"), &now, &UA_TYPES[UA_TYPES_DATETIME]), "Time");
        set_state(*alarm, "ActiveState", true); /* triggers the event */
    } else if (sscanf(line, "severity %63s %u", name, &severity) == 2 && (alarm = alarm_named(name)) != NULL) {
        UA_UInt16 level = (UA_UInt16)severity;
        set_field(*alarm, "Severity", &level, &UA_TYPES[UA_TYPES_UINT16]);
    } else if (sscanf(line, "inactive %63s", name) == 1 && (alarm = alarm_named(name)) != NULL) {
        set_state(*alarm, "ActiveState", false);
        trigger(*alarm);
    } else if (sscanf(line, "normal %63s", name) == 1 && (alarm = alarm_named(name)) != NULL) {
        UA_Boolean no = false;
        set_state(*alarm, "ActiveState", false);
        set_field(*alarm, "Retain", &no, &UA_TYPES[UA_TYPES_BOOLEAN]);
        trigger(*alarm);
    } else if (sscanf(line, "state %63s", name) == 1 && (alarm = alarm_named(name)) != NULL) {
        printf("state active %d acknowledged %d confirmed %d retain %d\n", get_state(*alarm, "ActiveState"), get_state(*alarm, "AckedState"), get_state(*alarm, "ConfirmedState"), get_state(*alarm, "Retain"));
        return;
    } else if (sscanf(line, "event %u %127[^\n]", &severity, text) == 2) raise_event(UA_NODEID_NUMERIC(0, UA_NS0ID_BASEEVENTTYPE), (int)severity, text, "");
    else if (sscanf(line, "pallet %u %127s", &severity, text) == 2) raise_event(pallet_type, (int)severity, "pallet", text);
    else if (strcmp(line, "counts") == 0) { printf("sessions %u subscriptions %u\n", diagnostic(UA_NS0ID_SERVER_SERVERDIAGNOSTICS_SERVERDIAGNOSTICSSUMMARY_CURRENTSESSIONCOUNT), diagnostic(UA_NS0ID_SERVER_SERVERDIAGNOSTICS_SERVERDIAGNOSTICSSUMMARY_CURRENTSUBSCRIPTIONCOUNT)); return; }
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

int main(int argc, char **argv) {
    int port = argc > 2 && strcmp(argv[1], "--port") == 0 ? atoi(argv[2]) : 4840;
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);
    fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    UA_ServerConfig config;
    memset(&config, 0, sizeof config);
    config.logging = UA_Log_Stdout_new(UA_LOGLEVEL_ERROR);
    UA_StatusCode made = UA_ServerConfig_setMinimal(&config, (UA_UInt16)port, NULL);
    if (made != UA_STATUSCODE_GOOD) { fprintf(stderr, "cannot be configured: %s\n", UA_StatusCode_name(made)); return 1; }
    UA_Array_delete(config.serverUrls, config.serverUrlsSize, &UA_TYPES[UA_TYPES_STRING]);
    char url[64];
    snprintf(url, sizeof url, "opc.tcp://127.0.0.1:%d", port); /* loopback only */
    config.serverUrls = UA_String_new();
    config.serverUrls[0] = UA_String_fromChars(url);
    config.serverUrlsSize = 1;
    config.queueSizeLimits.max = 100000;
    config.publishingIntervalLimits.min = 10;
    server = UA_Server_newWithConfig(&config);
    if (server == NULL) { fprintf(stderr, "cannot be made\n"); return 1; }
    add_line();
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
