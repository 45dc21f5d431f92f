/** What a person can change of a database. */
export const specFields = ['labels', 'instances', 'storageGib', 'cpu', 'memoryMib', 'durability', 'parameters', 'extensions', 'allowedCidrs', 'deletionProtection'] as const
