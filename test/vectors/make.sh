#!/bin/sh -e
# Makes the vector files again, with the tools that are installed; see README.md for the versions that made those kept here.
cd "$(dirname "$0")"
arm-none-eabi-as -mcpu=cortex-m0 unit.s -o unit.o
arm-none-eabi-ld -n -s -T unit.ld unit.o -o unit.elf
rm unit.o
arm-none-eabi-objcopy -O ihex unit.elf unit.hex
arm-none-eabi-objcopy -O srec unit.elf unit.srec
dfuse-pack -i unit.hex unit.dfu
printf '\000\120\000\040\011\000\000\010raw content' > suffixed.bin
dfu-suffix -v 0483 -p df11 -d 0200 -S 0x0100 -a suffixed.bin
