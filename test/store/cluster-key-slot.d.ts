/** ioredis's own slot computation; it comes without types. */
declare module "cluster-key-slot" {
  function calculateSlot(key: string): number;
  export = calculateSlot;
}
