long rbp_number(long number);
long rbp_lure(void);
long rbp_pressure(long seed);
int rbp_arrived(void);
