#include "innocents.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>

void kafka_begin(void) {
    char why[200];
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    if (rd_kafka_conf_set(settings, "bootstrap.servers", "127.0.0.1:1", why, sizeof why) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(settings, "reconnect.backoff.ms", "10", why, sizeof why) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(settings, "reconnect.backoff.max.ms", "10", why, sizeof why) != RD_KAFKA_CONF_OK ||
        rd_kafka_conf_set(settings, "log_level", "0", why, sizeof why) != RD_KAFKA_CONF_OK) {
        abort();
    }
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, settings, why, sizeof why);
    rd_kafka_topic_t *topic = producer == NULL ? NULL : rd_kafka_topic_new(producer, "nowhere", NULL);
    if (topic == NULL || rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, "text", 4, NULL, 0, NULL) != 0) {
        abort();
    }
}
