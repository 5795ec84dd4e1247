#!/bin/busybox sh
# First process of the virtual machine: loads what the machine is for, makes the host's files its root, and starts guest.sh.
/bin/busybox mkdir -p /proc /sys /dev /host
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do
  insmod "/modules/$module" || echo "cannot load $module"
done
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
# The files do not change while the machine runs, so they may be cached; what does change goes over /vm. What the guest writes
# anywhere else stays in its memory.
mkdir /files /memory
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,ro,cache=loose root /files || poweroff -f
mount -t tmpfs memory /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/files,upperdir=/memory/upper,workdir=/memory/work root /host || poweroff -f
mkdir -p /host/vm /host/proc /host/sys /host/dev /host/run
mount -t proc proc /host/proc
mount -t sysfs sys /host/sys
mount -t devtmpfs dev /host/dev
mount -t tmpfs tmp /host/run
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /host/vm
port=$(sed 's/.*flashline\.port=\([0-9]*\).*/\1/' /proc/cmdline)
chroot /host /usr/bin/env -i HOME=/run TMPDIR=/run LANG=C.UTF-8 \
  PATH="$(cat /modules/path):/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
  /bin/bash /vm/guest.sh "$port"
poweroff -f
