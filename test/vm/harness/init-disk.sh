#!/bin/busybox sh
# First process of the virtual machine with a system of its own: loads what the machine is for, and lets the disk's systemd start
# guest.sh with everything else.
/bin/busybox mkdir -p /proc /sys /dev /disk
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do
  insmod "/modules/$module" || echo "cannot load $module"
done
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
mount -t ext2 /dev/vda /disk || poweroff -f
mkdir -p /disk/vm
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /disk/vm
port=$(sed 's/.*flashline\.port=\([0-9]*\).*/\1/' /proc/cmdline)
units=/disk/etc/systemd/system
mkdir -p "$units/multi-user.target.wants"
cat >"$units/guest.service" <<END
[Service]
ExecStart=/bin/bash /vm/guest.sh $port
Environment=LANG=C.UTF-8
END
ln -sf ../guest.service "$units/multi-user.target.wants/guest.service"
umount /proc
exec switch_root /disk /lib/systemd/systemd
