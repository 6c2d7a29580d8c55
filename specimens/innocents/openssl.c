#include "innocents.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

void crypto_work(void) {
    static const unsigned char key[32], vector[12];
    unsigned char data[4096], digest[EVP_MAX_MD_SIZE];
    int length;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    if (RAND_bytes(data, sizeof data) != 1 || EVP_Digest(data, sizeof data, digest, NULL, EVP_sha256(), NULL) != 1 ||
        EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, vector) != 1 ||
        EVP_EncryptUpdate(cipher, data, &length, data, sizeof data) != 1) {
        abort();
    }
    EVP_CIPHER_CTX_free(cipher);
}

static void *run(void *argument) {
    for (;; usleep(1000)) {
        crypto_work();
    }
    return argument;
}

void crypto_begin(void) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, NULL) != 0) {
        abort();
    }
}
