void codec_open(void);
int codec_encode(int number);
int codec_flush(void);
int codec_arrived(void);
